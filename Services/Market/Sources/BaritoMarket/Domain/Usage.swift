/// What an app sends at the moment, measured over the last ten to twenty seconds.
public struct UsageRate: Sendable, Equatable {
  public var linesPerSecond: Double
  public var bytesPerSecond: Double
  public var refusedPerSecond: Double
  /// When its newest line came, in milliseconds since 1970; nil: never.
  public var lastLineAt: Int64?

  public static let none = UsageRate(linesPerSecond: 0, bytesPerSecond: 0, refusedPerSecond: 0, lastLineAt: nil)
}

/// Counts of an app in some time.
public struct UsageCounts: Sendable, Equatable {
  public var accepted: Int64 = 0
  public var bytes: Int64 = 0
  public var refused: Int64 = 0
  public var indexed: Int64 = 0
  public var duplicates: Int64 = 0
  public var quarantined: Int64 = 0
}

/// One point of an app's chart.
public struct UsagePoint: Sendable, Equatable {
  /// Where the interval begins, in milliseconds since 1970.
  public var at: Int64
  public var counts: UsageCounts
}

/// Lines refused for one reason.
public struct RefusalCount: Sendable, Equatable {
  /// The `code` of the problem that the sender was answered.
  public var code: String
  public var lines: Int64
}

/// The window that rates are measured over: whole buckets, the newest of them not over yet.
public struct RateWindow: Sendable, Equatable {
  /// Length of a bucket in milliseconds.
  public static let bucket: Int64 = 10_000

  /// Where it begins, in milliseconds since 1970.
  public var from: Int64
  /// Its length in seconds: 10 to 20.
  public var seconds: Double

  /// - Parameter now: milliseconds since 1970.
  public init(now: Int64) {
    from = RateWindow.start(of: now) - RateWindow.bucket
    seconds = Double(now - from) / 1_000
  }

  /// The beginning of the bucket that a moment lies in.
  public static func start(of moment: Int64) -> Int64 { moment - moment % bucket }
}
