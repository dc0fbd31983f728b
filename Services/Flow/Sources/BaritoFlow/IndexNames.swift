import BaritoCore

/// Names of indices, as bytes: `<prefix>-YYYY.MM.DD`. Remembers the last, because neighbours share it.
struct IndexNames {
  private let stem: [UInt8]
  private var day: Int64 = .min
  private var name: [UInt8] = []

  private static let millisecondsPerDay: Int64 = 86_400_000

  /// - Parameter prefix: what stands before the day; made lower case, as Elasticsearch demands.
  init(prefix: String) { stem = Array(prefix.lowercased().utf8) + [UInt8(ascii: "-")] }

  /// Of the day, in UTC, of this time in milliseconds since 1970.
  mutating func name(at time: Int64) -> [UInt8] {
    let day = time / IndexNames.millisecondsPerDay
    if day != self.day {
      self.day = day
      name = stem
      Timestamp(milliseconds: time)?.appendDay(to: &name)
    }
    return name
  }
}
