import BaritoCore
import Kafka

/// Where a session begins to read an app, and where it ends if it does.
struct TailOpening: Sendable {
  /// By partition; empty while there is no topic.
  var offsets: [Int64] = []
  /// By partition, for a session that does not follow.
  var ends: [Int64] = []
  /// What the cursor wanted and is not there any more.
  var gaps: [Gap] = []
  /// Lines that are there already.
  var behind: Int64 = 0

  /// - Parameters:
  ///   - known: offsets of an earlier session; nil for a new one.
  ///   - until: milliseconds since 1970; nil reads to the end of what is there now.
  static func open(
    _ app: TailApp, with reader: TailReader, known: [Int64]?, parameters: TailParameters, until: Int64?
  ) async throws(KafkaError) -> TailOpening {
    var opening = TailOpening()
    guard let count = try await reader.partitions(of: app) else { return opening }
    let available = try await reader.available(app, partitions: 0..<count)
    if let known {
      opening.resume(app.id, known, available)
    } else {
      opening.offsets = try await start(app, reader, available, parameters)
    }
    opening.behind = zip(opening.offsets, available).reduce(0) { $0 + max(0, $1.1.upperBound - $1.0) }
    opening.ends = available.map(\.upperBound)
    if let until {
      let limits = try await reader.offsets(app, partitions: count, since: until)
      opening.ends = zip(limits, available).map { $0 ?? $1.upperBound }
    }
    return opening
  }

  /// Partitions that the cursor does not know are newer than it: all their lines are to be shown.
  mutating func resume(_ app: AppID, _ known: [Int64], _ available: [Range<Int64>]) {
    // A topic cannot lose partitions: it is another one of the same name.
    let isOther = known.count > available.count
    let wanted = available.indices.map { isOther ? Int64.max : known.count > $0 ? known[$0] : 0 }
    let reconciled = zip(wanted, available).map { Reconciliation($0, available: $1) }
    offsets = reconciled.map(\.next)
    gaps = Gap.of(app, reconciled)
  }

  private static func start(
    _ app: TailApp, _ reader: TailReader, _ available: [Range<Int64>], _ parameters: TailParameters
  ) async throws(KafkaError) -> [Int64] {
    var starts = available.map(\.upperBound)
    if let since = parameters.since {
      let found = try await reader.offsets(app, partitions: available.count, since: since)
      starts = zip(found, available).map { min($0 ?? $1.upperBound, $1.upperBound) }
    }
    guard let tail = parameters.tail else { return starts }
    let oldest = parameters.since == nil ? available.map(\.lowerBound) : starts
    let ranges = zip(oldest, available).map { max($0, $1.upperBound - Int64(tail))..<$1.upperBound }
    guard ranges.count > 1, tail > 0 else { return ranges.map(\.lowerBound) }
    let taken = TimeOrder.last(tail, of: try await reader.times(app, ranges))
    return zip(taken, available).map { $1.upperBound - Int64($0) }
  }
}

extension Gap {
  /// What is missing of an app, one gap for each reason.
  static func of(_ app: AppID, _ partitions: [Reconciliation]) -> [Gap] {
    var gaps: [Gap] = []
    let missing = partitions.enumerated().compactMap { index, partition in
      partition.missing.map { Passed(app: app, partition: index, offsets: $0) }
    }
    if !missing.isEmpty { gaps.append(Gap(.retention, missing)) }
    let recreated = partitions.enumerated().filter(\.element.isRecreated).map {
      Passed(app: app, partition: $0.offset, offsets: $0.element.next..<$0.element.next)
    }
    if !recreated.isEmpty { gaps.append(Gap(.recreated, recreated)) }
    return gaps
  }
}
