import BaritoCore
import Logging
import Redaction

/// Takes what nobody should see out of the lines of a session's apps. Made for the lines of one reading.
struct LineRedaction {
  private let redactors: [AppID: Redactor]
  private var pass: RedactionPass?
  private var tallies: [AppID: RedactionTally] = [:]
  private var lines = 0

  /// - Parameter redactor: an app's rules; nil where it has none.
  init(_ apps: [TailApp], _ redactor: (AppID) -> Redactor?) {
    var redactors: [AppID: Redactor] = [:]
    for app in apps { redactors[app.id] = redactor(app.id) }
    self.redactors = redactors
    pass = redactors.isEmpty ? nil : RedactionPass()
  }

  /// The document of a record's value, as the viewer may see it.
  mutating func document(_ value: Span<UInt8>, of app: AppID) -> [UInt8] {
    guard let redactor = redactors[app] else { return LineDocument.make(value) }
    switch pass?.redact(value, by: redactor, &tallies[app, default: RedactionTally()]) {
    case .unchanged, nil: return LineDocument.make(value)
    case .redacted, .notJSON:
      lines += 1
      let output = pass?.output ?? []
      return LineDocument.make(output.span)
    }
  }

  /// Counts what was done, and says which rules were switched off meanwhile.
  func report(_ metrics: TailMetrics, _ logger: Logger) {
    metrics.redacted(lines)
    for (app, tally) in tallies {
      for rule in tally.switchedOff {
        logger.error(
          "a redaction rule costs too much and is switched off for ten minutes: what it would hide is shown",
          ["app": "\(app)", "rule": redactors[app]?.names[rule] ?? ""])
      }
    }
  }
}
