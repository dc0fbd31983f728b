import FoundationEssentials
import Metrics
import Settings
import Testing

@testable import BaritoTail
@testable import BaritoTailCommand

@Suite struct ReadmeTests {
  private func readme() throws -> String {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    let path = parts.joined(separator: "/") + "/Services/Tail/README.md"
    return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
  }

  @Test("the README tells every setting as the program declares it")
  func settings() throws {
    var program = TailService.program
    program.environmentPrefix = "BARITO"
    #expect(try readme().contains(program.configurationTable()))
  }

  @Test("the README tells every setting of the command")
  func commandSettings() throws {
    #expect(try readme().contains(TailCommand.program.configurationTable()))
  }

  @Test("the README tells every metric, and no other")
  func metrics() throws {
    let registry = MetricsRegistry()
    _ = TailMetrics(registry, sessions: Sessions(maximum: 1, maximumPerUser: 1))
    let told = try readme().split(separator: "\n").compactMap { line -> String? in
      guard line.hasPrefix("| `barito_tail_") else { return nil }
      return line.split(separator: "`")[1].split(separator: "{")[0].description
    }
    #expect(told.sorted() == registry.names.map(\.name))
  }

  @Test("the README tells every code of a refusal, every end and every kind of gap")
  func codes() throws {
    let text = try readme()
    for code in TailRefusal.Code.allCases { #expect(text.contains("`\(code.rawValue)`"), "\(code)") }
    for end in TailEncoder.End.allCases { #expect(text.contains("`\(end.rawValue)`"), "\(end)") }
    for reason in Gap.Reason.allCases { #expect(text.contains("`\(reason.rawValue)`"), "\(reason)") }
  }
}
