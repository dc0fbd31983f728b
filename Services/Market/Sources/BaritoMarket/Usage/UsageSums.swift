internal import BaritoCore

/// Reports added up, so that a batch of them costs four statements. Pure.
struct UsageSums: Sendable, Equatable {
  struct Bucket: Codable, Sendable, Equatable {
    var app: Int64
    var at: Int64
    var accepted: Int64 = 0
    var bytes: Int64 = 0
    var refused: Int64 = 0
    var indexed: Int64 = 0
    var duplicates: Int64 = 0
    var quarantined: Int64 = 0
  }

  struct Refusal: Codable, Sendable, Equatable {
    var app: Int64
    var at: Int64
    var code: String
    var lines: Int64
  }

  struct Total: Codable, Sendable, Equatable {
    var app: Int64
    var accepted: Int64 = 0
    var bytes: Int64 = 0
    var refused: Int64 = 0
    var indexed: Int64 = 0
    var duplicates: Int64 = 0
    var quarantined: Int64 = 0
    var lastLineAt: Int64?
  }

  private struct BucketKey: Hashable, Sendable {
    var app: AppID
    var at: Int64
  }

  private var sums: [BucketKey: AppUsage] = [:]
  private var used: [SecretHash: Int64] = [:]

  /// Whether no app has counts.
  var isEmpty: Bool { sums.isEmpty }

  /// Adds a report to the buckets that it ends in.
  mutating func add(_ report: UsageReport) {
    let at = RateWindow.start(of: max(report.to - 1, 0))
    for usage in report.apps {
      let key = BucketKey(app: usage.app, at: at)
      sums[key, default: AppUsage(app: usage.app)].add(usage.bounded)
    }
    for use in report.secrets ?? [] { used[use.secret] = max(used[use.secret] ?? use.at, use.at) }
  }

  /// When each secret was used last.
  var secrets: [SecretUse] { used.map { SecretUse($0, at: $1) } }

  var buckets: [Bucket] {
    sums.map { key, usage in
      Bucket(
        app: key.app.rawValue, at: key.at, accepted: usage.accepted, bytes: usage.bytes, refused: usage.allRefused,
        indexed: usage.indexed, duplicates: usage.duplicates, quarantined: usage.quarantined)
    }
  }

  var refusals: [Refusal] {
    sums.flatMap { key, usage in
      usage.refused.map { Refusal(app: key.app.rawValue, at: key.at, code: $0, lines: $1) }
    }
  }

  var totals: [Total] {
    var totals: [AppID: AppUsage] = [:]
    for (key, usage) in sums { totals[key.app, default: AppUsage(app: key.app)].add(usage) }
    return totals.values.map { usage in
      Total(
        app: usage.app.rawValue, accepted: usage.accepted, bytes: usage.bytes, refused: usage.allRefused,
        indexed: usage.indexed, duplicates: usage.duplicates, quarantined: usage.quarantined,
        lastLineAt: usage.lastLineAt)
    }
  }
}

extension AppUsage {
  /// No report counts more: what a broken one says can spoil numbers, not overflow them.
  private static let most: Int64 = 1 << 40

  private static func bounded(_ count: Int64) -> Int64 { min(max(count, 0), most) }

  fileprivate var bounded: AppUsage {
    AppUsage(
      app: app, accepted: AppUsage.bounded(accepted), bytes: AppUsage.bounded(bytes),
      refused: refused.mapValues(AppUsage.bounded), indexed: AppUsage.bounded(indexed),
      duplicates: AppUsage.bounded(duplicates), quarantined: AppUsage.bounded(quarantined), lastLineAt: lastLineAt)
  }

  fileprivate var allRefused: Int64 { refused.values.reduce(0, +) }

  fileprivate mutating func add(_ other: AppUsage) {
    accepted += other.accepted
    bytes += other.bytes
    refused.merge(other.refused, uniquingKeysWith: +)
    indexed += other.indexed
    duplicates += other.duplicates
    quarantined += other.quarantined
    if let newest = other.lastLineAt { lastLineAt = max(lastLineAt ?? newest, newest) }
  }
}
