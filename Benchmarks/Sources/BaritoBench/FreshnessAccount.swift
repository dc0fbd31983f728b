/// How old documents are when the bulk request that brought them has been answered, counted from their records'
/// timestamps. Pure: times are milliseconds since 1970.
struct FreshnessAccount: Sendable {
  /// What the names of the indices begin with whose documents are watched; those of others are only counted.
  let watched: [UInt8]
  /// Lines that are written earlier than so long after the first answer do not count: what had waited before comes first.
  let settle: Int64

  /// Watched documents that were answered.
  private(set) var documents = 0
  private(set) var others = 0
  private var first: Int64?
  private var lastOther: Int64?
  private var answers: [(at: Int64, recorded: Int64)] = []

  init(watching prefix: String, settle: Int64) {
    watched = Array(prefix.utf8)
    self.settle = settle
  }

  mutating func answered(_ actions: BulkActions, at now: Int64) {
    if first == nil { first = now }
    for place in 0..<actions.count {
      guard actions.indexBegins(with: watched, at: place) else {
        others += 1
        lastOther = now
        continue
      }
      documents += 1
      if let recorded = actions.recorded(at: place) { answers.append((now, recorded)) }
    }
  }

  /// - Returns: nil when no line counts. Where others were answered too, only those count that were written before the
  ///   last of them was: as long as others had something to be done.
  var result: Freshness? {
    guard let first, let last = answers.map(\.at).max() else { return nil }
    let (begin, end) = (first + settle, lastOther ?? last)
    let ages = answers.filter { $0.recorded >= begin && $0.recorded <= end }.map { max(0, $0.at - $0.recorded) }
    guard let latencies = Latencies(ages.map { .milliseconds($0) }), end > begin else { return nil }
    let within = answers.count { $0.at >= begin && $0.at <= end }
    return Freshness(
      latencies: latencies, documents: ages.count, documentsPerSecond: Double(within) * 1000 / Double(end - begin),
      othersPerSecond: Double(others) * 1000 / Double(max(1, end - first)))
  }
}
