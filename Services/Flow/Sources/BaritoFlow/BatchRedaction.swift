import Redaction

/// Applies the rules of their topics to the records of a batch. Costs nothing where none has rules.
struct BatchRedaction {
  /// What becomes of a value.
  enum Outcome {
    case unchanged
    /// `output` holds it.
    case redacted
    /// It is no JSON, so that nobody knows what of it is to be seen.
    case notJSON(reason: String)
  }

  private let redactors: [Redactor?]
  private var pass: RedactionPass?
  /// By topic; empty where none has rules.
  private(set) var tallies: [RedactionTally]

  /// - Parameter redactors: one for each topic; empty where none has rules.
  init(_ redactors: [Redactor?]) {
    self.redactors = redactors
    pass = redactors.isEmpty ? nil : RedactionPass()
    tallies = Array(repeating: RedactionTally(), count: redactors.count)
  }

  var output: [UInt8] { pass?.output ?? [] }

  mutating func redact(_ value: Span<UInt8>, topic: Int) -> Outcome {
    guard !redactors.isEmpty, let redactor = redactors[topic] else { return .unchanged }
    return switch pass?.redact(value, by: redactor, &tallies[topic]) {
    case .unchanged, nil: .unchanged
    case .redacted: .redacted
    case .notJSON(let error): .notJSON(reason: "\(error)")
    }
  }

  /// What the quarantine may keep of a value, JSON or not.
  mutating func kept(_ value: Span<UInt8>, topic: Int) -> [UInt8]? {
    if case .unchanged = redact(value, topic: topic) { return nil }
    return output
  }
}
