/// Numbers as people read them: three significant digits, a decimal prefix, the unit behind.
enum Quantity {
  /// `1.24 k`, `999`, `0.25`, `3.1 M`: trailing zeros are left out, and what rounds up to the next prefix takes it.
  /// A quantity too small for two decimals is `< 0.01`; one that was not measured (not finite, negative) is `–`.
  static func number(_ value: Double) -> String { scaled(value, unit: "") }

  /// `1.24 k lines/s`.
  static func linesPerSecond(_ rate: Double) -> String { scaled(rate, unit: "lines/s") }

  /// `3.1 GB`, decimal prefixes, as disks and networks are sold.
  static func bytes(_ count: Double) -> String { scaled(count, unit: "B") }

  /// `1.9 MB/s`.
  static func bytesPerSecond(_ rate: Double) -> String { scaled(rate, unit: "B/s") }

  /// What a rate of lines comes to in a day: `43.2 GB/day` for 1,000 lines of 500 bytes a second.
  static func bytesPerDay(linesPerSecond: Double, bytesPerLine: Double = assumedBytesPerLine) -> String {
    scaled(linesPerSecond * bytesPerLine * 86_400, unit: "B/day")
  }

  /// The size of a line where nothing has been measured yet.
  static let assumedBytesPerLine = 500.0

  /// `0.42 s`, `12 s`, `3 min`, `5 h`, `2 days`, rounded down: a lag or an age in its largest whole unit.
  static func duration(milliseconds: Int64) -> String {
    let seconds = milliseconds / 1000
    return switch milliseconds {
    case ..<0: "–"
    case ..<1000: milliseconds < 10 ? "\(milliseconds) ms" : "\(scaled(Double(milliseconds) / 1000, unit: "s"))"
    case ..<10_000: scaled(Double(milliseconds / 100) / 10, unit: "s")
    case ..<120_000: "\(seconds) s"
    case ..<7_200_000: "\(seconds / 60) min"
    case ..<172_800_000: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) days"
    }
  }

  /// `1 app`, `200 apps`; thousands are set apart.
  static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? one : many ?? "\(one)s")"
  }

  /// `12,345`.
  static func grouped(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return text
  }

  private static func scaled(_ value: Double, unit: String) -> String {
    guard value.isFinite, value >= 0 else { return "–" }
    let space = "\u{00A0}"
    let tail = unit.isEmpty ? "" : "\(space)\(unit)"
    if value == 0 { return "0\(tail)" }
    if value < 0.005 { return "<\(space)0.01\(tail)" }
    var scaled = value
    var prefix = 0
    // 999.5 is where three digits round up to 1000.
    while scaled >= 999.5, prefix < prefixes.count - 1 {
      scaled /= 1000
      prefix += 1
    }
    let digits = threeDigits(scaled)
    if prefix == 0 { return "\(digits)\(tail)" }
    // A prefix is glued to bytes (3.1 GB) and stands alone before words (1.24 k lines/s).
    return unit.hasPrefix("B") || unit.isEmpty
      ? "\(digits)\(space)\(prefixes[prefix])\(unit)" : "\(digits)\(space)\(prefixes[prefix])\(tail)"
  }

  private static let prefixes = ["", "k", "M", "G", "T", "P", "E"]

  /// At most three digits and two decimals, without trailing zeros.
  private static func threeDigits(_ value: Double) -> String {
    let decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
    let unit = [1, 10, 100][decimals]
    guard value < 1e15 else { return "∞" }
    let hundredths = Int(value * Double(unit) + 0.5)
    var fraction = String(hundredths % unit + unit).dropFirst()
    while fraction.last == "0" { fraction.removeLast() }
    return fraction.isEmpty ? "\(hundredths / unit)" : "\(hundredths / unit).\(fraction)"
  }
}
