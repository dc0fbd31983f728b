import BaritoCore
import FoundationEssentials
import Metrics
import Postgres
import Settings
import Testing

@testable import BaritoMarket

/// What the README says is what there is.
@Suite struct ReadmeTests {
  private let readme: String = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let file = folder.appending(path: "../../Services/Market/README.md")
    return (try? String(decoding: Data(contentsOf: file), as: UTF8.self)) ?? ""
  }()

  @Test("every setting is in the README with its default") func settings() {
    for setting in MarketConfiguration.settings {
      let declaration = setting.declaration
      let row = readme.split(separator: "\n").first { $0.hasPrefix("|") && $0.contains("`\(declaration.key)") }
      #expect(row != nil, "\(declaration.key) is missing")
      if let text = declaration.defaultText { #expect(row?.contains(text) == true, "\(declaration.key) has \(text)") }
    }
  }

  @Test("every metric, call and table is in the README, and no other call") func rest() async throws {
    let registry = MetricsRegistry()
    _ = MarketMetrics(registry)
    for metric in registry.names { #expect(readme.contains("`\(metric.name)"), "\(metric.name) is missing") }
    for migration in MarketSchema.migrations {
      for part in migration.sql.split(separator: "CREATE TABLE ").dropFirst() {
        let table = part.prefix { $0 != " " }
        #expect(readme.contains("`\(table)`"), "the table \(table) is missing")
      }
    }
    try await MarketHarness.run { market in
      let calls = APIController(services: market.services).endpoints.map { "\($0.method) \($0.path)" }
      for call in calls { #expect(readme.contains("| `\(call)` |"), "\(call) is missing") }
      #expect(readme.split(separator: "\n").count { $0.contains(" /api/v1/") && $0.hasPrefix("| `") } == calls.count)
    }
  }
}
