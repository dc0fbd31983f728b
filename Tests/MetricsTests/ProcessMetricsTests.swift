import Testing

@testable import Metrics

@Suite("Process metrics")
struct ProcessMetricsTests {
  @Test("a name with blanks and parentheses does not shift the fields")
  func stat() {
    let text = "42 (a ) b (c) S 1 2 3 4 5 6 7 8 9 10 250 50 13 14 15 16 17 18 12345 20 21"
    let statistics = ProcessStatistics(stat: text)
    #expect(statistics?.cpuSeconds == 3)
    #expect(statistics?.startSecondsAfterBoot == 123.45)
    #expect(ProcessStatistics(stat: "42 (a) S 1") == nil)
    #expect(ProcessStatistics(stat: "") == nil)
  }

  @Test("resident memory is read in bytes")
  func status() {
    #expect(ProcessStatistics.residentBytes(status: "Name:\tx\nVmRSS:\t   2048 kB\n") == 2 << 20)
    #expect(ProcessStatistics.residentBytes(status: "") == nil)
  }

  @Test("this process has plausible values")
  func live() throws {
    let registry = MetricsRegistry()
    registry.registerProcessMetrics()
    let lines = String(decoding: registry.render(), as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
    let values = Dictionary(
      uniqueKeysWithValues: lines.map { ($0.split(separator: " ")[0], Double($0.split(separator: " ")[1]) ?? -1) })
    #expect(try #require(values["process_resident_memory_bytes"]) > 1_000_000)
    #expect(try #require(values["process_open_fds"]) > 2)
    #expect(try #require(values["process_start_time_seconds"]) > 1_600_000_000)
    #expect(try #require(values["process_cpu_seconds_total"]) >= 0)
  }
}
