/// What all rounds of sending came to, and how the contenders compare. Pure.
struct IngestResults: Sendable, Equatable {
  let entries: [IngestComparison.Entry]
  /// Of each entry, in the same order.
  var contenders: [Contender]

  init(_ entries: [IngestComparison.Entry]) {
    self.entries = entries
    contenders = entries.map { Contender(name: $0.title) }
  }

  /// - Returns: nil for what did not take part.
  subscript(_ entry: IngestComparison.Entry) -> Contender? {
    entries.firstIndex(of: entry).map { contenders[$0] }
  }

  /// Lines per second.
  func speed(_ entry: IngestComparison.Entry) -> Samples? {
    self[entry].flatMap { Samples($0.rounds.map(\.linesPerSecond)) }
  }

  /// CPU microseconds a line.
  func cost(_ entry: IngestComparison.Entry) -> Samples? {
    self[entry].flatMap { Samples($0.rounds.map(\.microsecondsPerLine)) }
  }

  /// Lines per second as a share of the bare producer's with lines of the same size.
  func speedShare(_ entry: IngestComparison.Entry) -> Samples? {
    guard let bare = speed(.bare(window: nil, lineBytes: entry.lineBytes)) else { return nil }
    return speed(entry)?.ratio(to: bare)
  }

  /// Lines per second of CPU time, as a multiple of what another contender makes of it. Of the bare producer with lines
  /// of the same size, where none is given.
  func lineShare(_ entry: IngestComparison.Entry, of other: IngestComparison.Entry? = nil) -> Samples? {
    guard let mine = cost(entry), let theirs = cost(other ?? .bare(window: nil, lineBytes: entry.lineBytes)) else {
      return nil
    }
    return theirs.ratio(to: mine)
  }
}

/// How long answers take while the Router has room to spare.
struct HalfLoad: Sendable, Equatable {
  var requestsPerSecond: Int
  var linesPerSecond: Double
  /// Of each round.
  var seconds: Double
  var latencies: [Latencies]

  /// Milliseconds, the median of the rounds.
  var p50: Double { Samples(latencies.map(\.p50))?.median ?? .nan }
  var p99: Double { Samples(latencies.map(\.p99))?.median ?? .nan }
}
