import BaritoCore

/// The name of an index of one day, taken apart: `<prefix>-YYYY.MM.DD`.
struct IndexDay: Sendable, Equatable {
  var prefix: String
  /// Days since 1970, UTC.
  var day: Int

  static let millisecondsPerDay: Int64 = 86_400_000

  /// - Returns: nil for any other name, also where there is no such day.
  init?(_ name: String) {
    let bytes = Array(name.utf8)
    let start = bytes.count - 10
    guard start > 1, bytes[start - 1] == UInt8(ascii: "-"), bytes[start + 4] == UInt8(ascii: "."),
      bytes[start + 7] == UInt8(ascii: "."), let year = IndexDay.number(bytes[start..<start + 4]),
      let month = IndexDay.number(bytes[start + 5..<start + 7]),
      let day = IndexDay.number(bytes[start + 8..<start + 10]),
      let moment = Timestamp(year: year, month: month, day: day, millisecondsOfDay: 0)
    else { return nil }
    prefix = String(decoding: bytes[..<(start - 1)], as: UTF8.self)
    self.day = IndexDay.day(at: moment.milliseconds)
  }

  /// The day of a time in milliseconds since 1970.
  static func day(at time: Int64) -> Int {
    Int((time - (time < 0 ? millisecondsPerDay - 1 : 0)) / millisecondsPerDay)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    var number = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      number = number * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return number
  }
}
