import BaritoCore
import BaritoService

/// Counts what became of records for the apps that their topics belong to.
///
/// Where a document goes needs no profile; here they only say whose the numbers are. A topic that no profile knows is
/// counted in the metrics alone.
struct TopicUsage: Sendable {
  let profiles: ProfileFeed
  let usage: UsageCounter

  func settled(_ topic: String, _ tally: BatchSettlement.Tally) {
    guard tally != BatchSettlement.Tally(), let app = profiles.read({ $0.app(topic: topic) }) else { return }
    usage.count(app) { usage in
      usage.indexed += Int64(tally.indexed)
      usage.duplicates += Int64(tally.duplicates)
      usage.quarantined += Int64(tally.quarantined)
      for (kind, count) in tally.refusals {
        usage.quarantinedTypes = (usage.quarantinedTypes ?? [:])
          .merging([kind.rawValue: Int64(count)], uniquingKeysWith: +)
      }
    }
  }
}
