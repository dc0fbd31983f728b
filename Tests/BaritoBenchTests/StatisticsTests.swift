import Testing

@testable import BaritoBench

@Suite struct StatisticsTests {
  @Test("the median is the middle round, or the mean of the two in the middle")
  func median() throws {
    #expect(try #require(Samples([9, 1, 5])).median == 5)
    #expect(try #require(Samples([4, 1, 2, 9])).median == 3)
    #expect(Samples([]) == nil)
  }

  @Test("a round that was slow for all leaves the ratio as it is")
  func ratio() throws {
    let reference = try #require(Samples([100, 10, 100]))
    let ours = try #require(Samples([50, 5, 60]))
    let ratio = try #require(ours.ratio(to: reference))
    #expect(ratio.median == 0.5)
    #expect(ratio.least == 0.5)
    #expect(ratio.greatest == 0.6)
    #expect(ours.ratio(to: try #require(Samples([1]))) == nil)
    #expect(ours.ratio(to: try #require(Samples([1, 0, 1]))) == nil)
  }

  @Test("CPU time counts all lines that it was spent on, speed those within the time")
  func round() {
    let round = Round(
      lines: 900, seconds: 2, cpuSeconds: 0.001, cpuLines: 1000, clientCPUSeconds: 1, memory: .init(now: 1, peak: 2))
    #expect(round.linesPerSecond == 450)
    #expect(round.microsecondsPerLine == 1)
    #expect(round.clientCores == 0.5)
  }

  @Test(
    "numbers are written for people",
    arguments: [(0.0, "0"), (999.6, "1,000"), (1_234_567, "1,234,567"), (100_000, "100,000")])
  func groups(number: Double, text: String) { #expect(grouped(number) == text) }

  @Test(
    "decimals keep their zeros",
    arguments: [(0.0, 2, "0.00"), (1.005, 1, "1.0"), (2.0449, 2, "2.04"), (0.999, 2, "1.00"), (7, 0, "7")])
  func decimals(number: Double, digits: Int, text: String) { #expect(decimal(number, digits: digits) == text) }

  @Test("a table lines up: text to the left, numbers to the right")
  func table() {
    var table = ResultsTable(["", "µs"])
    table.add(["Router", "1"])
    table.add(["a", "1,000"])
    #expect(table.text == "|        |    µs |\n|--------|------:|\n| Router |     1 |\n| a      | 1,000 |\n")
  }

  @Test("a report arrives as it was sent, and other text is none")
  func report() throws {
    let report = Report(["lines": 1_000_000, "seconds": 3.25])
    #expect(Report(line: report.line.dropLast()) == report)
    #expect(try report.count("lines") == 1_000_000)
    #expect(throws: BenchError.self) { try report.number("cpu") }
    #expect(Report(line: "Segmentation fault") == nil)
    #expect(Report(line: "") == nil)
  }
}
