/// What the rounds of one measurement came to. Never empty.
struct Samples: Sendable, Equatable {
  private(set) var values: [Double]

  /// - Returns: nil when there was no round.
  init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    self.values = values
  }

  /// The middle value; of an even number of rounds, the mean of the two in the middle.
  var median: Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  var least: Double { values.min() ?? 0 }
  var greatest: Double { values.max() ?? 0 }

  /// Round by round as a share of a reference of the same rounds, so that what slowed a whole round cancels out.
  /// - Returns: nil when the rounds do not match, or a reference is zero.
  func ratio(to reference: Samples) -> Samples? {
    guard values.count == reference.values.count, !reference.values.contains(0) else { return nil }
    return Samples(zip(values, reference.values).map { $0 / $1 })
  }
}
