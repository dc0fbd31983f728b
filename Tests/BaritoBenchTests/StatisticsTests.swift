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

  @Test("a latency is that of the answer at its rank")
  func latencies() throws {
    let all = try #require(Latencies((1...200).reversed().map { .milliseconds($0) }))
    #expect(all.p50 == 100)
    #expect(all.p99 == 198)
    #expect(try #require(Latencies([.milliseconds(7)])) == Latencies(p50: 7, p99: 7))
    #expect(Latencies([]) == nil)
  }

  @Test("contenders are compared with the bare producer of lines as long as theirs")
  func comparison() throws {
    let long = LoadPoint(lineBytes: 1024)
    var results = IngestResults([
      .reference, .bare(window: nil, lineBytes: 1024), .load(.base), .load(long), .load(.nginx),
    ])
    for (place, (lines, cpu)) in [(1000, 1.0), (100, 1.0), (500, 1.0), (50, 1.0), (100, 0.8)].enumerated() {
      results.contenders[place].rounds = [
        Round(
          lines: lines, seconds: 1, cpuSeconds: cpu, cpuLines: lines, clientCPUSeconds: nil,
          memory: .init(now: 1, peak: 1))
      ]
    }
    #expect(results.speedShare(.load(.base))?.median == 0.5)
    #expect(results.speedShare(.load(long))?.median == 0.5)
    #expect(results.lineShare(.load(long))?.median == 0.5)
    // 500 lines of a CPU second against 125.
    #expect(results.lineShare(.load(.base), of: .load(.nginx))?.median == 4)
    #expect(results.lineShare(.load(.single)) == nil)
    let targets = Target.router(RouterResults(ingest: results, idleSeconds: 0))
    #expect(targets.map(\.isMet) == [false, nil, true, nil, nil, nil, nil, true])
  }

  @Test("a target says whether it is met, and nothing where nothing was measured")
  func targets() {
    #expect(Target(question: "", bound: .atLeast(0.8), value: 0.8).isMet == true)
    #expect(Target(question: "", bound: .below(20), value: 20).isMet == false)
    #expect(Target(question: "", bound: .zero, value: 0.01).isMet == false)
    #expect(Target(question: "", bound: .zero, value: .nan).isMet == nil)
    let table = Target.table(
      [Target(question: "x", bound: .below(20), value: nil, digits: 1, unit: " ms")], of: "Router")
    #expect(table.contains("| below 20.0 ms | not measured |"))
  }

  @Test("every contender of a run has a name of its own")
  func names() {
    let titles = LoadPoint.all(crowd: 1000).map(\.title)
    #expect(Set(titles).count == titles.count)
    #expect(titles.contains("Router, NDJSON, batches of 1, 256 connections"))
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
