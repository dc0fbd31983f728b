import BaritoCore

/// What was counted of one app in the last hour. Pure: the figures of its page follow from it and a clock.
struct AppReading: Sendable, Equatable {
  /// Intervals of ``step`` that have any counts, oldest first.
  var points: [UsagePoint]
  /// Lines that Flow has found in the index, since there is the app.
  var indexedEver: Int64
  /// Milliseconds since 1970; nil before the first.
  var lastLineAt: Int64?
  /// When the data plane told of any app last, in milliseconds since 1970.
  var reportedAt: Int64?

  /// In milliseconds; what Market counts in.
  static let step = RateWindow.bucket
  /// How far back it goes, in milliseconds.
  static let span: Int64 = 3_600_000

  /// Where the oldest interval of a reading begins.
  /// - Parameter now: milliseconds since 1970.
  static func start(now: Int64) -> Int64 { RateWindow.start(of: now - span) }

  /// Counts of the intervals that begin at that moment or later.
  func counts(from: Int64) -> UsageCounts { points.counts(from: from) }

  /// Lines and bytes per second over the last ten to twenty seconds.
  func rate(now: Int64) -> (lines: Double, bytes: Double) {
    let window = RateWindow(now: now)
    let counts = counts(from: window.from)
    return (Double(counts.accepted) / window.seconds, Double(counts.bytes) / window.seconds)
  }

  /// Counts of the last minute, to the interval.
  func lastMinute(now: Int64) -> UsageCounts { counts(from: RateWindow.start(of: now) - 50_000) }

  /// How old the oldest line is at least that was accepted and is neither indexed nor in quarantine; 0 when there is none.
  func lag(now: Int64) -> Int64 { points.lag(step: AppReading.step, now: now) }

  func state(isActive: Bool, now: Int64) -> AppState {
    let minute = lastMinute(now: now)
    return AppState(
      AppState.Measurements(
        isActive: isActive, measurementAge: 0, lastLineAge: lastLineAt.map { now - $0 },
        refusedPerSecond: Double(minute.refused) / 60, quarantinedPerSecond: Double(minute.quarantined) / 60,
        lagMilliseconds: lag(now: now)))
  }

  /// The last hour by the minute, up to the last interval that is over.
  /// - Parameter created: when the app was registered; before that nothing is drawn.
  func chart(created: Int64, now: Int64) -> TimeSeriesChart {
    let minutes = 60
    let end = RateWindow.start(of: now)
    let start = end - Int64(minutes) * 60_000
    var sums = [UsageCounts](repeating: UsageCounts(), count: minutes)
    for point in points where point.at >= start && point.at < end {
      sums[Int((point.at - start) / 60_000)].add(point.counts)
    }
    func series(_ name: String, _ kind: String, _ count: (UsageCounts) -> Int64) -> TimeSeriesChart.Series {
      let values = sums.enumerated().map { minute, counts -> Double? in
        start + Int64(minute + 1) * 60_000 <= created && counts == UsageCounts()
          ? nil : Double(count(counts)) / 60
      }
      return TimeSeriesChart.Series(name: name, kind: kind, values: values)
    }
    return TimeSeriesChart(
      label: "Lines per second over the last hour", start: Moment(milliseconds: start), secondsPerValue: 60,
      series: [
        series("Accepted", "accepted", \.accepted), series("Indexed", "indexed") { $0.indexed + $0.duplicates },
        series("Refused", "refused", \.refused), series("Quarantined", "quarantined", \.quarantined),
      ])
  }
}

extension UsageCounts {
  /// Lines that are where they belong: in the index, or in quarantine with the reason.
  var settled: Int64 { indexed + duplicates + quarantined }

  mutating func add(_ other: UsageCounts) {
    accepted += other.accepted
    bytes += other.bytes
    refused += other.refused
    indexed += other.indexed
    duplicates += other.duplicates
    quarantined += other.quarantined
  }
}

extension [UsagePoint] {
  /// Counts of the intervals that begin at that moment or later.
  func counts(from: Int64) -> UsageCounts {
    reduce(into: UsageCounts()) { if $1.at >= from { $0.add($1.counts) } }
  }

  /// Lines are settled in the order in which they were accepted, so as many as were settled are the oldest ones: the
  /// interval in which the next one came is over for that long.
  /// - Parameter step: the length of an interval in milliseconds.
  func lag(step: Int64, now: Int64) -> Int64 {
    let from = now - 900_000
    var settled = counts(from: from).settled
    for point in self where point.at >= from {
      settled -= point.counts.accepted
      if settled < 0 { return Swift.max(0, now - point.at - step) }
    }
    return 0
  }
}

/// What lists show of an app: less than its page, for as many as there are.
struct AppSummary: Sendable {
  var state: AppState
  var lag: Int64?

  /// How far back its counts go, in seconds, and the length of an interval.
  static let span = 900
  static let step = 60

  /// - Parameter recent: of the last quarter of an hour.
  init(_ detail: Apps.Detail, _ recent: [UsagePoint], now: Int64) {
    let step = Int64(AppSummary.step) * 1_000
    let lag = recent.lag(step: step, now: now)
    let minute = recent.counts(from: now - now % step - step)
    state = AppState(
      AppState.Measurements(
        isActive: detail.app.status == .active, measurementAge: 0, lastLineAge: detail.rate.lastLineAt.map { now - $0 },
        refusedPerSecond: detail.rate.refusedPerSecond,
        quarantinedPerSecond: Double(minute.quarantined) / Double(AppSummary.step), lagMilliseconds: lag))
    self.lag = detail.rate.lastLineAt == nil ? nil : lag
  }
}
