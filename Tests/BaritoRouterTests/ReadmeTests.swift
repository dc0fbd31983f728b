import BaritoCore
import BaritoService
import FoundationEssentials
import Kafka
import Metrics
import Settings
import Testing

@testable import BaritoRouter

@Suite struct ReadmeTests {
  private func readme() throws -> String {
    let path = URL(filePath: #filePath).appending(path: "../../../Services/Router/README.md").standardized
    return String(decoding: try Data(contentsOf: path), as: UTF8.self)
  }

  /// The rows of the table under a heading, as their cells without code marks.
  private func rows(under heading: String) throws -> [[String]] {
    let lines = try readme().split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    let start = try #require(lines.firstIndex(of: "## \(heading)"))
    return lines[(start + 1)...].prefix { !$0.hasPrefix("## ") }.filter { $0.hasPrefix("| ") }.dropFirst().map { line in
      line.split(separator: "|").map { cell in
        String(cell.filter { $0 != "`" }.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
    }
  }

  @Test("the table of settings is the program's own")
  func settings() throws {
    let table = ServiceMain.complete(RouterService.program, adminPort: RouterService.adminPort).configurationTable()
    #expect(try readme().contains(table))
  }

  @Test("the table of metrics names every metric and no other")
  func metrics() throws {
    let registry = MetricsRegistry()
    _ = RouterMetrics(registry, bodyLimit: 1)
    _ = StreamMetrics(registry)
    _ = SyslogMetrics(registry)
    #expect(try rows(under: "Metrics").map { $0[0] }.sorted() == registry.names.map(\.name))
  }

  @Test(
    "the table of refusals has every code with its status, and whether to come back", arguments: Refusal.Code.allCases)
  func refusals(code: Refusal.Code) throws {
    let row = try #require(try rows(under: "Refusals").first { $0[1] == code.rawValue })
    #expect(row[0].split(separator: " ").first.map { String($0) } == "\(Refusal(code, "").status)")
    #expect((row[2] == "yes") == [429, 503].contains(Refusal(code, "").status))
  }

  @Test("limits that contradict each other are said at the start, with their remedy")
  func rules() throws {
    let program = ServiceMain.complete(RouterService.program, adminPort: RouterService.adminPort)
    let token = ["service.token": "0123456789abcdef"]
    #expect(throws: Never.self) { try RouterConfiguration(try program.reader(token)) }
    for wrong in [
      ["ingest.max-inflated": "1MiB"], ["ingest.max-line": "65MiB"], ["kafka.queue": "63MiB"],
    ] {
      #expect(throws: SettingsErrors.self) {
        try RouterConfiguration(try program.reader(token.merging(wrong) { $1 }))
      }
    }
  }

  @Test("what the limits let in, the producer takes")
  func producerLimits() throws {
    let program = ServiceMain.complete(RouterService.program, adminPort: RouterService.adminPort)
    let configuration = try RouterConfiguration(
      try program.reader(["service.token": "0123456789abcdef", "ingest.max-line": "5MiB", "ingest.max-items": "900000"])
    )
    #expect(configuration.kafka.producer.largestMessage >= 5 << 20)
    #expect(configuration.kafka.producer.queueMessages >= 900_000)
  }
}
