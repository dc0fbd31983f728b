import BaritoCore
import BaritoService
import Lifecycle
import Logging
import Redaction

/// The redaction rules of topics, looked up once for each batch. A topic whose app is gone keeps the rules that were
/// known last, for the records that are still to be indexed.
struct TopicRedaction: Sendable {
  let profiles: ProfileFeed
  let logger: Logger
  private let compiled = Redactors<String>()

  init(profiles: ProfileFeed, logger: Logger) {
    self.profiles = profiles
    self.logger = logger
  }

  /// Waits until it is known which topics have rules: records that come before would be indexed with what should not be
  /// seen. A start without Market has its snapshot.
  func awaitProfiles() async {
    var isTold = false
    while let reason = profiles.unreadyReason, !GracefulShutdown.current.isRequested {
      if !isTold { logger.warning("records wait until it is known what is to be redacted", ["reason": reason]) }
      isTold = true
      await sleepUntilGracefulShutdown(.milliseconds(200))
    }
    if isTold, !GracefulShutdown.current.isRequested { logger.notice("profiles are there, records are read") }
  }

  /// - Returns: one for each topic, nil where it has no rules; empty when none has.
  func redactors(of topics: [String]) -> [Redactor?] {
    let rules = profiles.read { directory in topics.map { directory.redaction(topic: $0) } }
    let redactors = zip(topics, rules).map { topic, rules -> Redactor? in
      guard let (redactor, isNew) = compiled.redactor(for: topic, rules) else { return nil }
      if isNew {
        for fault in redactor.faults {
          logger.error("a redaction rule cannot be used", ["topic": topic, "reason": fault.detail])
        }
      }
      return redactor
    }
    return redactors.allSatisfy { $0 == nil } ? [] : redactors
  }

  /// Rules that are switched off now, because they cost too much.
  var off: [(topic: String, rule: String)] { compiled.off.map { ($0.key, $0.rule) } }

  /// Says which rules were switched off.
  func report(_ tallies: [RedactionTally], _ redactors: [Redactor?], of topics: [String]) {
    for (topic, (tally, redactor)) in zip(topics, zip(tallies, redactors)) {
      for rule in tally.switchedOff {
        logger.error(
          "a redaction rule costs too much and is switched off for ten minutes: what it would hide is indexed",
          ["topic": topic, "rule": redactor?.names[rule] ?? ""])
      }
    }
  }
}
