import BaritoCore

/// For how many days the indices of each app are kept.
struct RetentionRules: Sendable, Equatable {
  /// By index prefix; never less than one.
  private(set) var days: [String: Int] = [:]
  /// The same for topics that no profile knows; nil keeps them for good.
  var unknownDays: Int?
  /// The index prefixes of those.
  private(set) var unknown: Set<String> = []

  init() {}

  /// - Parameters:
  ///   - group: whose apps these are; nil takes those of all groups, and where two have an app of the same prefix the
  ///     longer time.
  ///   - topics: those of Kafka, for `unknownDays`.
  init(
    _ profiles: ProfileDirectory, naming: TopicNaming, group: ClusterName?, topics: [String], unknownDays: Int?
  ) {
    self.unknownDays = unknownDays
    for app in profiles.apps.values {
      guard group == nil || app.clusterName == group,
        let cluster = profiles.groups[app.clusterName]?.cluster,
        let prefix = naming.documentPrefix(ofTopic: cluster.naming.topic(for: app.topicName))
      else { continue }
      keep(prefix, days: app.retentionDays)
    }
    for topic in topics {
      guard let prefix = naming.documentPrefix(ofTopic: topic)?.lowercased(), RetentionRules.isSafe(prefix),
        days[prefix] == nil
      else { continue }
      unknown.insert(prefix)
    }
  }

  mutating func keep(_ prefix: String, days count: Int) {
    let prefix = prefix.lowercased()
    guard RetentionRules.isSafe(prefix), count >= 1 else { return }
    days[prefix] = max(count, days[prefix] ?? 0)
  }

  mutating func keep(unknown prefix: String) { unknown.insert(prefix) }

  /// How long the indices of a prefix are kept; nil is for good.
  func days(of prefix: String) -> Int? {
    days[prefix] ?? (unknown.contains(prefix) ? unknownDays : nil)
  }

  /// Whether an index that begins so can mean nothing else in a request, and is none of the server's own.
  static func isSafe(_ prefix: String) -> Bool {
    guard let first = prefix.utf8.first, first != UInt8(ascii: "."), first != UInt8(ascii: "-") else { return false }
    return prefix.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }
}
