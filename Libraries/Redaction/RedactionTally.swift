/// What the rules of one app did, by their order in `Redactor.names`.
public struct RedactionTally: Sendable, Equatable {
  /// How often each rule's placeholder was written.
  public internal(set) var redacted: [Int] = []
  /// How many values were hidden whole, because the rule could not be done with them in its bounds.
  public internal(set) var struck: [Int] = []
  /// The rules that were switched off meanwhile.
  public internal(set) var switchedOff: [Int] = []

  public init() {}

  public var isEmpty: Bool { redacted.isEmpty && struck.isEmpty && switchedOff.isEmpty }

  mutating func count(_ rule: Int, of rules: Int) {
    if redacted.isEmpty { redacted = Array(repeating: 0, count: rules) }
    redacted[rule] += 1
  }

  mutating func strike(_ rule: Int, of rules: Int) {
    if struck.isEmpty { struck = Array(repeating: 0, count: rules) }
    struck[rule] += 1
  }
}
