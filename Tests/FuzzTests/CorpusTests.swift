import FoundationEssentials
import TestKit
import Testing

@Suite struct CorpusTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus")

  @Test("what fuzzing found once stays mended", arguments: FuzzTarget.all.map(\.name))
  func corpus(name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let folder = Self.folder.appending(path: name)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(!files.isEmpty, "Tests/Fuzz/Corpus/\(name) has no inputs")
    for file in files {
      let bytes = [UInt8](try Data(contentsOf: folder.appending(path: file)))
      target.run(bytes.span)
    }
  }

  @Test("every folder of the corpus has its target")
  func folders() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(Set(folders) == Set(FuzzTarget.all.map(\.name)))
  }
}
