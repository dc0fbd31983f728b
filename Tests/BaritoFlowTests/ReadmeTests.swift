import BaritoService
import FoundationEssentials
import Metrics
import Settings
import Testing

@testable import BaritoFlow

@Suite struct ReadmeTests {
  private func readme() throws -> String {
    let path = URL(filePath: #filePath).appending(path: "../../../Services/Flow/README.md").standardized
    return String(decoding: try Data(contentsOf: path), as: UTF8.self)
  }

  @Test("the table of settings is the program's own")
  func settings() throws {
    let table = ServiceMain.complete(FlowService.program, adminPort: FlowService.adminPort).configurationTable()
    #expect(try readme().contains(table))
  }

  @Test("the table of metrics names every metric and no other")
  func metrics() throws {
    let registry = MetricsRegistry()
    _ = FlowMetrics(registry)
    _ = LagMetrics(registry)
    let lines = try readme().split(separator: "\n").filter { $0.hasPrefix("| `barito_flow_") }
    let names = lines.compactMap { $0.split(separator: "`").dropFirst().first.map { String($0) } }
    #expect(names.sorted() == registry.names.map(\.name))
  }
}
