public import BaritoCore

/// What rules would do to a few lines, for whoever is writing them.
public struct RedactionTrial: Sendable, Equatable {
  public struct Line: Sendable, Equatable {
    public var before: String
    public var after: String
    /// What is no JSON goes to the quarantine, as it is shown here.
    public var isJSON: Bool
  }

  /// What one rule did.
  public struct Count: Sendable, Equatable {
    public var rule: String
    /// Places that it took out.
    public var redacted: Int
    /// Values that were hidden whole, because the rule took too long.
    public var struck: Int
  }

  public var lines: [Line] = []
  public var counts: [Count]
  /// How long all of it took.
  public var nanoseconds: UInt64

  public init(_ rules: [RedactionRule], on lines: [String]) {
    let redactor = Redactor(rules)
    var (pass, tally) = (RedactionPass(), RedactionTally())
    let start = Redactor.uptime()
    for line in lines {
      switch pass.redact(line.utf8Span.span, by: redactor, &tally) {
      case .unchanged: self.lines.append(Line(before: line, after: line, isJSON: true))
      case .redacted:
        self.lines.append(Line(before: line, after: String(decoding: pass.output, as: UTF8.self), isJSON: true))
      case .notJSON:
        self.lines.append(Line(before: line, after: String(decoding: pass.output, as: UTF8.self), isJSON: false))
      }
    }
    nanoseconds = Redactor.uptime() - start
    counts = redactor.names.enumerated().map { place, name in
      Count(
        rule: name, redacted: tally.redacted.isEmpty ? 0 : tally.redacted[place],
        struck: tally.struck.isEmpty ? 0 : tally.struck[place])
    }
  }
}
