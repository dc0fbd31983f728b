import BaritoCore
import TestKit
import Testing

/// Timbers and their documents as the official protobuf package reads them.
struct TimberCase: Decodable, Sendable, CustomTestStringConvertible {
  var name: String
  var kind: String
  var wire: String
  var documents: [String]
  var repairs: [Int]
  var hasContent: [Bool]

  var testDescription: String { name }

  /// What the framer makes of it.
  func frame() throws -> (texts: [String], documents: [TimberDocument]) {
    var framer = TimberFramer(fallback: Timestamp(milliseconds: 1_795_342_530_123))
    let bytes = OracleFixture.bytes(hex: wire)
    // What stands in the output already stays.
    var output = Array("before".utf8)
    var documents: [TimberDocument] = []
    if kind == "timber" {
      documents.append(try framer.timber(bytes.span, to: &output))
    } else {
      for outcome in try framer.collection(bytes.span, to: &output) {
        switch outcome {
        case .document(let document): documents.append(document)
        case .refused(_, let error): throw error
        }
      }
    }
    #expect(output.starts(with: "before".utf8))
    return (documents.map { String(decoding: output[$0.range], as: UTF8.self) }, documents)
  }

  func check() throws {
    let (texts, framed) = try frame()
    try #require(texts.count == documents.count, "\(name)")
    for (text, expected) in zip(texts, documents) {
      #expect(JSONTree(text.utf8) == JSONTree(expected.utf8), "\(name): \(text)")
      #expect((try? JSONScanner.validate(text.utf8Span.span)) != nil, "\(name): \(text)")
      let keys = try repeatedKeys(text)
      #expect(keys.isEmpty, "\(name): \(keys)")
    }
    #expect(framed.map(\.repairs) == repairs, "\(name)")
    #expect(framed.map(\.hasContent) == hasContent, "\(name)")
  }

  /// Keys of the outermost object that stand in it more than once.
  private func repeatedKeys(_ text: String) throws -> [String] {
    var seen: Set<String> = []
    var repeated: [String] = []
    var members = JSONMembers(of: 0..<text.utf8.count)
    while let member = try members.next(in: text.utf8Span.span) {
      let key = String(decoding: Array(text.utf8)[member.key.range], as: UTF8.self)
      if !seen.insert(key).inserted { repeated.append(key) }
    }
    return repeated
  }
}

@Suite struct TimberFramerTests {
  static let cases = (try? OracleFixture.cases(TimberCase.self, in: "timber_cases.jsonl")) ?? []

  @Test("the fixture is there")
  func fixture() { #expect(Self.cases.count > 50) }

  @Test("documents are what the official protobuf package reads", arguments: cases)
  func golden(_ timber: TimberCase) throws { try timber.check() }

  @Test(
    "numbers are written digit by digit as Python writes them",
    arguments: cases.filter {
      // Between 2^53 and 10^16 Swift writes an exponent already.
      $0.name.hasPrefix("number ") && $0.name != "number -0.0" && $0.name != "number 9007199254740994.0"
    })
  func numbers(_ timber: TimberCase) throws { #expect(try timber.frame().texts == timber.documents) }

  @Test("negative zero keeps its sign")
  func negativeZero() throws {
    let timber = try #require(Self.cases.first { $0.name == "number -0.0" })
    #expect(try timber.frame().texts == [#"{"@timestamp":-0}"#])
  }

  @Test(
    "random timbers become what the official protobuf package reads now",
    .enabled("the Python package protobuf is missing; set BARITO_TEST_PYTHON to a Python that has it") {
      await OracleFixture.canImport("google.protobuf")
    }, .timeLimit(.minutes(1)), arguments: 1...2 as ClosedRange<UInt64>)
  func live(_ seed: UInt64) async throws {
    let cases = try await OracleFixture.random(TimberCase.self, program: "timber_cases.py", seed: seed, count: 150)
    #expect(cases.count == 150)
    for timber in cases { try timber.check() }
  }

  // MARK: Where the timestamp comes from

  private func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
    var writer = ProtobufWriter()
    writer.bytes(number, bytes.span)
    return writer.bytes
  }

  private func entry(_ key: String, _ value: [UInt8]) -> [UInt8] {
    field(1, field(1, Array(key.utf8)) + field(2, value))
  }

  private func text(_ value: String) -> [UInt8] { field(3, Array(value.utf8)) }

  @Test("a document's timestamp is the log's own, else the timber's, else the framer's, else none")
  func timestamps() throws {
    var output: [UInt8] = []
    var framer = TimberFramer(fallback: Timestamp(milliseconds: 0))
    var bytes = field(2, Array("then".utf8)) + field(3, entry("@timestamp", text("own")))
    #expect(try framer.timber(bytes.span, to: &output).timestamp == .content)
    bytes = field(2, Array("then".utf8)) + field(3, entry("a", text("b")))
    #expect(try framer.timber(bytes.span, to: &output).timestamp == .timber)
    bytes = field(3, entry("a", text("b")))
    #expect(try framer.timber(bytes.span, to: &output).timestamp == .fallback)
    framer = TimberFramer()
    #expect(try framer.timber(bytes.span, to: &output).timestamp == .none)
    #expect(
      String(decoding: output, as: UTF8.self)
        == #"{"@timestamp":"own"}{"a":"b","@timestamp":"then"}{"a":"b","@timestamp":"1970-01-01T00:00:00.000Z"}"#
        + #"{"a":"b"}"#)
  }

  // MARK: What is refused

  /// A timber whose content has `depth` objects or lists inside each other.
  private func nested(_ depth: Int, lists: Bool) -> [UInt8] {
    var value: [UInt8] = [0x08, 0x00]
    for _ in 1..<depth { value = lists ? field(6, field(1, value)) : field(5, entry("k", value)) }
    return field(3, entry("k", value))
  }

  @Test("a hundred levels are written, one more is refused", arguments: [true, false])
  func depth(lists: Bool) throws {
    var framer = TimberFramer()
    var output: [UInt8] = []
    let deepest = nested(100, lists: lists)
    _ = try framer.timber(deepest.span, to: &output)
    let inner = lists ? ("[", "]") : (#"{"k":"#, "}")
    let opened = #"{"k":"# + String(repeating: inner.0, count: 99)
    let closed = String(repeating: inner.1, count: 99) + "}"
    #expect(String(decoding: output, as: UTF8.self) == opened + "null" + closed)
    let tooDeep = nested(101, lists: lists)
    let before = output
    let error = #expect(throws: ProtobufError.self) { try framer.timber(tooDeep.span, to: &output) }
    #expect(error?.code == .tooDeep)
    #expect(output == before)
    let muchTooDeep = nested(300, lists: lists)
    #expect(throws: ProtobufError.self) { try framer.timber(muchTooDeep.span, to: &output) }
    // A framer that has refused one goes on with the next.
    _ = try framer.timber(deepest.span, to: &output)
    #expect(output == before + before)
  }

  @Test("a timber that is refused does not keep its neighbours from becoming documents")
  func neighbours() throws {
    let good = field(3, entry("a", text("b")))
    let bytes = field(2, good) + field(2, nested(101, lists: false)) + field(2, [0x1A, 0x09]) + field(2, good)
    var framer = TimberFramer()
    var output: [UInt8] = []
    let outcomes = try framer.collection(bytes.span, to: &output)
    #expect(String(decoding: output, as: UTF8.self) == #"{"a":"b"}{"a":"b"}"#)
    let codes = outcomes.map { outcome -> ProtobufError.Code? in
      if case .refused(let range, let error) = outcome {
        #expect(!range.isEmpty)
        return error.code
      }
      return nil
    }
    #expect(codes == [nil, .tooDeep, .truncated, nil])
  }

  @Test("a collection that is cut short is refused, and nothing of it is left")
  func cutCollection() {
    let bytes = field(2, field(3, entry("a", text("b")))) + [0x12, 0x20]
    var framer = TimberFramer()
    var output: [UInt8] = [1]
    let error = #expect(throws: ProtobufError.self) { try framer.collection(bytes.span, to: &output) }
    #expect(error?.code == .truncated)
    #expect(output == [1])
  }

  @Test("damaged timbers become JSON or are refused", arguments: 0..<8 as Range<UInt64>)
  func damaged(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let seeds = Self.cases.map { OracleFixture.bytes(hex: $0.wire) }.filter { !$0.isEmpty && $0.count < 400 }
    var framer = TimberFramer()
    var accepted = 0
    var refused = 0
    for _ in 0..<400 {
      var bytes = seeds.randomElement(using: &random)!
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        default: bytes.insert(UInt8.random(in: 0...40, using: &random), at: place)
        }
      }
      var output: [UInt8] = []
      do throws(ProtobufError) {
        let document = try framer.timber(bytes.span, to: &output)
        #expect(document.range == output.indices)
        #expect((try? JSONScanner.validate(output.span)) != nil)
        let isUTF8 = UTF8Repair.isValid(output.span)
        #expect(isUTF8)
        accepted += 1
      } catch {
        #expect(output.isEmpty)
        refused += 1
      }
    }
    #expect(accepted > 20)
    #expect(refused > 20)
  }

  @Test("a hundred thousand repetitions of a key cost no more than a hundred thousand keys", .timeLimit(.minutes(1)))
  func repetitions() throws {
    var content: [UInt8] = []
    for number in 0..<100_000 { content += entry("key\(number % 20)", text("\(number)")) }
    let bytes = field(3, content)
    var framer = TimberFramer()
    var output: [UInt8] = []
    _ = try framer.timber(bytes.span, to: &output)
    #expect(output.count < 1000)
    #expect(String(decoding: output, as: UTF8.self).contains(#""key19":"99999""#))
  }
}
