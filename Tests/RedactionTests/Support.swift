import BaritoCore
import Synchronization

@testable import Redaction

extension Redactor {
  /// What becomes of a document, as text; nil where nothing does.
  func redacted(_ document: String) throws -> String? { try redacted(Array(document.utf8)) }

  func redacted(_ document: [UInt8]) throws -> String? {
    var pass = RedactionPass()
    var tally = RedactionTally()
    switch pass.redact(document.span, by: self, &tally) {
    case .unchanged: return nil
    case .redacted, .notJSON: return String(decoding: pass.output, as: UTF8.self)
    }
  }
}

extension RedactionRule {
  static let card = RedactionRule(name: "CARD", .pattern(#"\b\d{13,19}\b"#), hintStart: 2, hintEnd: 2)
  static let mail = RedactionRule(name: "MAIL", .pattern(#"[\w.+-]+@[\w-]+\.\w+"#))
  static let password = RedactionRule(name: "PASSWORD", .pattern(#"(?<=password=)\S+"#))

  static func path(_ path: String, name: String = "P") -> RedactionRule { RedactionRule(name: name, .path(path)) }
}

/// A clock that a test sets.
final class TestClock: Sendable {
  private let now = Atomic<UInt64>(1)

  var read: @Sendable () -> UInt64 { { self.now.load(ordering: .relaxed) } }
  func advance(seconds: UInt64) { now.wrappingAdd(seconds * 1_000_000_000, ordering: .relaxed) }
}

/// Random numbers that are the same in each run.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
