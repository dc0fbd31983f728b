import BaritoCore
import FoundationEssentials
import Testing

/// Files of the JSONTestSuite, which says of each whether a strict parser accepts it.
enum JSONTestSuite {
  struct File: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    var testDescription: String { name }
  }

  /// `$BARITO_TEST_DATA`, or `../shared/data` beside the package.
  static let folder: String = {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let data = ProcessInfo.processInfo.environment["BARITO_TEST_DATA"] ?? "/\(root)/../shared/data"
    return data + "/JSONTestSuite/test_parsing"
  }()

  static let files: [File] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().compactMap { name in
      FileManager.default.contents(atPath: "\(folder)/\(name)").map { File(name: name, bytes: [UInt8]($0)) }
    }
  }()

  static func files(startingWith prefix: String) -> [File] { files.filter { $0.name.hasPrefix(prefix) } }
}

@Suite(
  .enabled(
    if: !JSONTestSuite.files.isEmpty,
    "no JSONTestSuite found: set BARITO_TEST_DATA to the folder that holds JSONTestSuite/test_parsing"))
struct JSONTestSuiteTests {
  @Test("the whole suite is there")
  func completeness() {
    #expect(JSONTestSuite.files(startingWith: "y_").count >= 95)
    #expect(JSONTestSuite.files(startingWith: "n_").count >= 187)
    #expect(JSONTestSuite.files(startingWith: "i_").count >= 35)
  }

  @Test("what every parser must accept is accepted", arguments: JSONTestSuite.files(startingWith: "y_"))
  func accepted(_ file: JSONTestSuite.File) throws {
    _ = try JSONScanner.validate(file.bytes.span)
    let isUTF8 = UTF8Repair.isValid(file.bytes.span)
    #expect(isUTF8)
  }

  @Test("what every parser must refuse is refused", arguments: JSONTestSuite.files(startingWith: "n_"))
  func refused(_ file: JSONTestSuite.File) {
    // Some of these are refused for malformed UTF-8 alone, which the scanner reports aside because it can be mended.
    var scanner = JSONScanner()
    do {
      _ = try scanner.value(in: file.bytes.span)
      try scanner.end(in: file.bytes.span)
      #expect(scanner.hasMalformedUTF8, "\(file.name) was accepted")
    } catch {
      #expect((0...file.bytes.count).contains(error.offset))
      #expect(!error.reason.isEmpty)
    }
  }

  @Test("what is left to the parser gets an answer", arguments: JSONTestSuite.files(startingWith: "i_"))
  func undecided(_ file: JSONTestSuite.File) {
    do {
      let element = try JSONScanner.validate(file.bytes.span)
      #expect(element.range.upperBound <= file.bytes.count)
    } catch {
      #expect((0...file.bytes.count).contains(error.offset))
    }
  }
}
