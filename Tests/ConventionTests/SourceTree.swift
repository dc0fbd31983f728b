import FoundationEssentials
import Testing

/// The project's own files, as text.
struct SourceTree {
  struct File {
    /// From the package's root, such as `Libraries/Kafka/KafkaConsumer.swift`.
    var path: String
    var text: String

    var lines: [String] { text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

    /// The modules that it imports.
    var imports: [String] {
      lines.compactMap { line in
        let words = line.split(separator: " ")
        guard let at = words.firstIndex(of: "import"), words[..<at].allSatisfy({ modifiers.contains(String($0)) }),
          at + 1 < words.count
        else { return nil }
        return String(words[at + 1])
      }
    }

    private var modifiers: Set<String> { ["public", "internal", "private", "package", "@testable", "@preconcurrency"] }
  }

  /// The package's root: three folders above this file.
  static let root: String = {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    return parts.joined(separator: "/")
  }()

  /// Every file below these folders whose name ends so.
  static func files(under folders: [String], ending: String = ".swift") throws -> [File] {
    var found: [File] = []
    for folder in folders {
      let paths = try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)")
      for path in paths.sorted() where path.hasSuffix(ending) {
        let data = try #require(FileManager.default.contents(atPath: "\(root)/\(folder)/\(path)"))
        found.append(File(path: "\(folder)/\(path)", text: String(decoding: data, as: UTF8.self)))
      }
    }
    try #require(!found.isEmpty)
    return found
  }
}
