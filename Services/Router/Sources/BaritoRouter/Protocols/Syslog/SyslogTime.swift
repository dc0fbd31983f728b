import BaritoCore

/// When a message says that it was written.
enum SyslogTime: Equatable {
  /// A time of RFC 3339, as it was sent.
  case text(Range<Int>)
  /// A time without a zone, and mostly without a year.
  case date(SyslogDate)
  /// What stands in the place of the time and is none.
  case unreadable(Range<Int>)
}

/// The local time of RFC 3164: `Oct 11 22:14:15`, with a fraction or a year where the sender gives one.
struct SyslogDate: Equatable {
  var year: Int?
  var month: Int
  var day: Int
  /// Since midnight.
  var milliseconds: Int

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  init(year: Int? = nil, month: Int, day: Int, milliseconds: Int) {
    self.year = year
    self.month = month
    self.day = day
    self.milliseconds = milliseconds
  }

  /// Reads a date and time and moves behind; nil when there is none, and the cursor is where it was.
  init?(_ cursor: inout SyslogCursor, in bytes: Span<UInt8>) {
    var place = cursor
    guard let month = SyslogDate.months.firstIndex(where: { bytes.has($0, at: place.position) }) else { return nil }
    place = SyslogCursor(at: place.position + 3)
    guard place.skip(" ", in: bytes) else { return nil }
    _ = place.skip(" ", in: bytes)
    guard let day = place.number(in: bytes, digits: 1...2), (1...31).contains(day), place.skip(" ", in: bytes) else {
      return nil
    }
    var year: Int?
    var later = place
    if let number = later.number(in: bytes, digits: 4...4), later.skip(" ", in: bytes) {
      (year, place) = (number, later)
    }
    guard let time = SyslogDate.time(&place, in: bytes) else { return nil }
    self.init(year: year, month: month + 1, day: day, milliseconds: time)
    cursor = place
  }

  private static func time(_ cursor: inout SyslogCursor, in bytes: Span<UInt8>) -> Int? {
    guard let hour = cursor.number(in: bytes, digits: 2...2), hour < 24, cursor.skip(":", in: bytes),
      let minute = cursor.number(in: bytes, digits: 2...2), minute < 60, cursor.skip(":", in: bytes),
      let second = cursor.number(in: bytes, digits: 2...2), second <= 60
    else { return nil }
    var time = ((hour * 60 + minute) * 60 + second) * 1000
    var place = cursor
    if place.skip(".", in: bytes) {
      let start = place.position
      guard place.number(in: bytes, digits: 1...9) != nil else { return time }
      var unit = 100
      for index in start..<min(place.position, start + 3) {
        time += Int(bytes[index] - UInt8(ascii: "0")) * unit
        unit /= 10
      }
      cursor = place
    }
    return time
  }

  /// The moment it means, in UTC: in the year that is given, or in the one that brings it nearest to now. nil for a day
  /// that these years do not have.
  func moment(now: Timestamp) -> Timestamp? {
    let years = year.map { $0...$0 } ?? (now.year - 1)...(now.year + 1)
    let moments = years.compactMap { Timestamp(year: $0, month: month, day: day, millisecondsOfDay: milliseconds) }
    return moments.min { abs($0.milliseconds - now.milliseconds) < abs($1.milliseconds - now.milliseconds) }
  }
}
