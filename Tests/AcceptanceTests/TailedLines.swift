import BaritoCore
import TestKit
import Testing

/// What `baritotail --json` has printed so far.
struct TailedLines: Sendable {
  let process: ChildProcess

  /// The numbers of the lines, in the order they were printed.
  func numbers() throws -> [Int] {
    let output = process.output
    var found: [Int] = []
    var lines = LineSplitter()
    while let line = lines.next(in: output.span) {
      // The last line may be half written.
      guard let root = try? JSONScanner.validate(output.span.extracting(line.range)), root.kind == .object,
        let document = try JSONMembers.value(of: "line", inObjectAt: line.range, of: output.span)
      else { continue }
      if let number = try StoredLines.number(output.span.extracting(document.range)) { found.append(number) }
    }
    return found
  }

  /// Waits until every line was printed, then checks that each was printed once.
  func expect(_ count: Int) async throws {
    do {
      try await eventually(within: .seconds(60), "baritotail printed \(count) lines") { try numbers().count >= count }
    } catch {
      let errors = process.outputPath.replacing(".out", with: ".err")
      throw Platform.Ended(
        description:
          "\(error): \(try numbers().count)\n\(String(decoding: contents(ofFile: errors) ?? [], as: UTF8.self))")
    }
    let printed = try numbers()
    #expect(printed.count == count)
    #expect(Set(printed) == Set(0..<count))
  }
}

extension String {
  fileprivate func replacing(_ old: String, with new: String) -> String {
    guard let range = utf8.firstRange(of: old.utf8) else { return self }
    return String(self[..<range.lowerBound]) + new + String(self[range.upperBound...])
  }
}
