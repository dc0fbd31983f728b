import BaritoCore
import Redaction
import Testing

/// What must hold for every document, tried on random ones.
@Suite struct RedactionPropertyTests {
  private static let patterns: [RedactionRule] = [
    .card, .mail, .password, RedactionRule(name: "HEX", .pattern("0x[0-9a-f]+"), hintStart: 4),
  ]
  private static let paths: [RedactionRule] = [
    RedactionRule(name: "USER ID", .path(".user.id"), hintStart: 1, hintEnd: 1), .path(".tags[]", name: "TAG"),
  ]

  private func documents(_ seed: UInt64) -> [RandomDocument] {
    var random = Seeded(seed)
    return (0..<100).map { _ in
      var made = RandomDocument(&random)
      made.object(depth: 0)
      return made
    }
  }

  @Test("the result is JSON, holds no secret, and stays the same when it is redacted again", arguments: 0..<40)
  func invariants(seed: UInt64) throws {
    var (pass, tally) = (RedactionPass(), RedactionTally())
    let redactor = Redactor(Self.patterns + Self.paths)
    for made in documents(seed) {
      let before = String(decoding: made.bytes, as: UTF8.self)
      _ = try JSONScanner.validate(made.bytes.span)
      guard pass.redact(made.bytes.span, by: redactor, &tally) == .redacted else {
        #expect(!made.hasSecret, "\(before)")
        continue
      }
      let once = pass.output
      _ = try JSONScanner.validate(once.span)
      #expect(!holdsSecret(once), "\(before)")
      let again = pass.redact(once.span, by: redactor, &tally)
      #expect(again == .unchanged, "\(before)")
    }
  }

  @Test("patterns change nothing but the texts that they match", arguments: 40..<60)
  func others(seed: UInt64) throws {
    var (pass, tally) = (RedactionPass(), RedactionTally())
    let redactor = Redactor(Self.patterns)
    for made in documents(seed) where pass.redact(made.bytes.span, by: redactor, &tally) == .redacted {
      let (before, after) = (StringValues(made.bytes), StringValues(pass.output))
      #expect(before.rest == after.rest)
      for (old, new) in zip(before.values, after.values) where old != new {
        let text = JSONStringText(range: 0..<old.count, hasEscapes: true).decoded(in: old.span)
        #expect(["4111", "@", "password=", "0x"].contains { text.contains($0) }, "\(text)")
      }
    }
  }

  @Test("whatever bytes come, secrets in them do not stay", arguments: 0..<20)
  func broken(seed: UInt64) throws {
    var (random, pass, tally) = (Seeded(seed), RedactionPass(), RedactionTally())
    let redactor = Redactor([.card, .mail])
    for made in documents(seed) {
      var bytes = made.bytes
      bytes.remove(at: Int.random(in: 0..<bytes.count, using: &random))
      bytes += Array(" ada@example.com ".utf8)
      guard case .notJSON = pass.redact(bytes.span, by: redactor, &tally) else {
        Issue.record("it is JSON")
        continue
      }
      #expect(!String(decoding: pass.output, as: UTF8.self).contains("ada@example.com"))
    }
  }

  /// Whether a secret as the generator makes them stands in a string value.
  private func holdsSecret(_ document: [UInt8]) -> Bool {
    StringValues(document).values.contains { value in
      let text = JSONStringText(range: 0..<value.count, hasEscapes: true).decoded(in: value.span)
      return ["4111111111111111", "ada@example.com", "hunter2"].contains { text.contains($0) }
    }
  }
}

/// Writes random documents with secrets in them, some escaped.
struct RandomDocument {
  private(set) var bytes: [UInt8] = []
  private(set) var hasSecret = false
  private var random: Seeded

  init(_ random: inout Seeded) { self.random = Seeded(random.next()) }

  mutating func object(depth: Int) {
    write("{")
    for place in 0..<Int.random(in: 1...5, using: &random) {
      if place > 0 { write(pick([",", " , ", ",\t"])) }
      let key = pick(["a", "m", "user", "id", "tags", "user.id", "k\\u00e9", "4111111111111111"])
      write("\"\(key)\"\(pick([":", " : "]))")
      value(depth: depth + 1)
    }
    write("}")
  }

  private mutating func value(depth: Int) {
    switch Int.random(in: 0..<(depth > 4 ? 6 : 9), using: &random) {
    case 0: write(pick(["1", "-0.5e-7", "4111111111111111", "100000000000000000000"]))
    case 1: write(pick(["true", "false", "null"]))
    case 2...5: string()
    case 6: object(depth: depth + 1)
    default:
      write("[")
      for place in 0..<Int.random(in: 0...3, using: &random) {
        if place > 0 { write(pick([",", "\n,"])) }
        value(depth: depth + 1)
      }
      write("]")
    }
  }

  private mutating func string() {
    write("\"")
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      let secret = pick(["4111111111111111", "ada@example.com", "password=hunter2"])
      switch Int.random(in: 0..<5, using: &random) {
      case 0:
        hasSecret = true
        write(" \(secret) ")
      case 1:
        hasSecret = true
        write(" \(escaping(secret)) ")
      case 2: write(pick(["[CARD REDACTED]", "0xdeadbeef", "x[HEX REDACTED]", "[MAIL REDACTED"]))
      default: write(pick(["word", "\\n", "\\ud800", "é", "🦊", "\\ud83e\\udd8a", "\\\"", "\\\\", " ", "="]))
      }
    }
    write("\"")
  }

  private mutating func escaping(_ text: String) -> String {
    text.utf8.map { byte in
      let digits = String(byte, radix: 16)
      return Bool.random(using: &random) ? "\\u00\(digits)" : String(UnicodeScalar(byte))
    }.joined()
  }

  private mutating func pick(_ all: [String]) -> String { all.randomElement(using: &random) ?? "" }
  private mutating func write(_ text: String) { bytes += text.utf8 }
}

/// The string values of a document as they are written, and all the rest of it; found without the scanner.
struct StringValues {
  private(set) var values: [[UInt8]] = []
  private(set) var rest: [UInt8] = []

  init(_ document: [UInt8]) {
    var index = 0
    while index < document.count {
      rest.append(document[index])
      index += 1
      guard document[index - 1] == UInt8(ascii: "\"") else { continue }
      let start = index
      while document[index] != UInt8(ascii: "\"") { index += document[index] == UInt8(ascii: "\\") ? 2 : 1 }
      let text = document[start..<index]
      let isKey = document[(index + 1)...].first { $0 > 0x20 } == UInt8(ascii: ":")
      if isKey { rest += text } else { values.append(Array(text)) }
      rest.append(document[index])
      index += 1
    }
  }
}
