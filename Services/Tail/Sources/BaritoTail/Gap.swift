import BaritoCore

/// Lines that a session does not show although nobody asked to leave them out: how many, and where they lie.
struct Gap: Sendable, Equatable {
  /// Closed: it labels a metric.
  enum Reason: String, Sendable, CaseIterable {
    /// The viewer was so slow that it was taken to the newest line.
    case slow
    /// The lines were deleted before they could be shown: their retention was over.
    case retention
    /// The topic was deleted and made again, or lost its end: its numbers mean other lines now. How many were lost
    /// nobody can tell; what is there is shown from its beginning.
    case recreated
    /// More lines came than the rate that the viewer asked for.
    case rate
  }

  /// Offsets of one partition that were passed over.
  struct Passed: Sendable, Equatable {
    var app: AppID
    var partition: Int
    var offsets: Range<Int64>
  }

  var reason: Reason
  /// Empty for a rate, whose lines lie among those that are shown.
  var passed: [Passed] = []
  var lines: Int64

  init(_ reason: Reason, lines: Int64) {
    self.reason = reason
    self.lines = lines
  }

  init(_ reason: Reason, _ passed: [Passed]) {
    self.reason = reason
    self.passed = passed
    lines = reason == .recreated ? 0 : passed.reduce(0) { $0 + Int64($1.offsets.count) }
  }
}

/// Where to go on in a partition, and what is missing before it. Pure.
struct Reconciliation: Sendable, Equatable {
  var next: Int64
  var missing: Range<Int64>?
  var isRecreated = false

  /// - Parameters:
  ///   - wanted: the offset to go on at.
  ///   - available: the oldest offset there is, and the one after the newest.
  init(_ wanted: Int64, available: Range<Int64>) {
    if wanted < available.lowerBound {
      next = available.lowerBound
      missing = wanted..<available.lowerBound
    } else if wanted > available.upperBound {
      next = available.lowerBound
      isRecreated = true
    } else {
      next = wanted
    }
  }
}
