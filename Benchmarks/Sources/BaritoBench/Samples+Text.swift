extension Samples {
  /// The median, with the least and the greatest: whole numbers.
  var spread: String { "\(grouped(median)) (\(grouped(least))–\(grouped(greatest)))" }
}

/// The median, or nothing where nothing was measured.
func written(_ samples: Samples?, digits: Int = 2) -> String {
  samples.map { decimal($0.median, digits: digits) } ?? ""
}
