/// A number of bytes, written as `64MiB`, `10MB`, `512` or `512B`.
public struct ByteCount: SettingValue, Comparable, Hashable {
  public var bytes: Int

  public init(_ bytes: Int) { self.bytes = bytes }
  public static func kibibytes(_ count: Int) -> ByteCount { ByteCount(count << 10) }
  public static func mebibytes(_ count: Int) -> ByteCount { ByteCount(count << 20) }
  public static func gibibytes(_ count: Int) -> ByteCount { ByteCount(count << 30) }

  public static func < (a: ByteCount, b: ByteCount) -> Bool { a.bytes < b.bytes }

  public static var settingTypeName: String { "bytes" }

  public static func parseSetting(_ text: String) throws(SettingFault) -> ByteCount {
    let remedy = "write a number with its unit (B, KB, MB, GB, KiB, MiB, GiB), such as 64MiB"
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty else { throw SettingFault("is not a number of bytes", remedy: remedy) }
    guard let number = Int(digits) else { throw SettingFault("is too large", remedy: remedy) }
    let name = text.dropFirst(digits.count).trimmingBlanks.lowercased()
    let size = name.isEmpty ? 1 : units.first { $0.name.lowercased() == name }?.size
    guard let size else { throw SettingFault("has a unit that is not known", remedy: remedy) }
    let (bytes, tooLarge) = number.multipliedReportingOverflow(by: size)
    guard !tooLarge else { throw SettingFault("is too large", remedy: remedy) }
    return ByteCount(bytes)
  }

  public var settingText: String {
    guard bytes != 0 else { return "0B" }
    let unit = Self.units.first { bytes % $0.size == 0 } ?? (name: "B", size: 1)
    return "\(bytes / unit.size)\(unit.name)"
  }

  private static var units: [(name: String, size: Int)] {
    [
      ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("TB", 1_000_000_000_000),
      ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000), ("B", 1),
    ]
  }
}
