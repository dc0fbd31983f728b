/// Written as `500ms`, `30s`, `2m`, `1h30m`, `7d`; zero needs no unit.
extension Duration: SettingValue {
  public static var settingTypeName: String { "duration" }

  public static func parseSetting(_ text: String) throws(SettingFault) -> Duration {
    let remedy = "write a number with its unit (ms, s, m, h, d), such as 30s, 500ms or 1h30m"
    var rest = text[...]
    if rest == "0" { return .zero }
    var milliseconds = 0
    repeat {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(unit.count)
      guard !digits.isEmpty, let number = Int(digits) else { throw SettingFault("is not a duration", remedy: remedy) }
      guard !unit.isEmpty else { throw SettingFault("has no unit", remedy: remedy) }
      guard let size = units.first(where: { $0.name == unit })?.milliseconds else {
        throw SettingFault("has a unit that is not known", remedy: remedy)
      }
      let (product, tooLong) = number.multipliedReportingOverflow(by: size)
      let (sum, sumTooLong) = milliseconds.addingReportingOverflow(product)
      guard !tooLong, !sumTooLong else { throw SettingFault("is too long", remedy: remedy) }
      milliseconds = sum
    } while !rest.isEmpty
    return .milliseconds(milliseconds)
  }

  public var settingText: String {
    let (seconds, attoseconds) = components
    let milliseconds = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    guard milliseconds != 0 else { return "0s" }
    let unit = Self.units.first { milliseconds % $0.milliseconds == 0 } ?? (name: "ms", milliseconds: 1)
    return "\(milliseconds / unit.milliseconds)\(unit.name)"
  }

  private static var units: [(name: String, milliseconds: Int)] {
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
  }
}
