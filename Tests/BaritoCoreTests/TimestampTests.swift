import BaritoCore
import Testing

@Suite struct TimestampTests {
  @Test(
    "known moments are written and read",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z", "1970.01.01"), (-1, "1969-12-31T23:59:59.999Z", "1969.12.31"),
      (1_795_342_530_123, "2026-11-22T10:15:30.123Z", "2026.11.22"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z", "2000.02.29"),
      (-62_135_596_800_000, "0001-01-01T00:00:00.000Z", "0001.01.01"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z", "9999.12.31"),
    ] as [(Int64, String, String)])
  func known(_ milliseconds: Int64, _ text: String, _ day: String) throws {
    let timestamp = try #require(Timestamp(milliseconds: milliseconds))
    #expect(timestamp.description == text)
    #expect(timestamp.day == day)
    #expect(Timestamp(text) == timestamp)
  }

  @Test("every day from 1970 to 2100 follows the one before, by a calendar counted by hand")
  func everyDay() {
    var milliseconds: Int64 = 0
    for year in 1970...2100 {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      for (month, days) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
        for day in 1...days {
          let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
          let timestamp = Timestamp(milliseconds: milliseconds + 86_399_999)
          if timestamp?.day != "\(year).\(two(month + 1)).\(two(day))"
            || Timestamp("\(year)-\(two(month + 1))-\(two(day))T23:59:59.999Z") != timestamp
          {
            Issue.record("day \(milliseconds / 86_400_000) is \(timestamp?.description ?? "nil")")
            return
          }
          milliseconds += 86_400_000
        }
      }
    }
  }

  @Test(
    "offsets, fractions, lower case and the leap second are understood",
    arguments: [
      ("2026-11-22T17:15:30.123+07:00", "2026-11-22T10:15:30.123Z"),
      ("2026-11-22T02:45:30-07:30", "2026-11-22T10:15:30.000Z"),
      ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z"),
      ("2026-11-22t10:15:30z", "2026-11-22T10:15:30.000Z"),
      ("2026-11-22T10:15:30.1Z", "2026-11-22T10:15:30.100Z"),
      ("2026-11-22T10:15:30.12Z", "2026-11-22T10:15:30.120Z"),
      ("2026-11-22T10:15:30.123999999Z", "2026-11-22T10:15:30.123Z"),
      ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
      ("2026-11-22T10:15:30-00:00", "2026-11-22T10:15:30.000Z"),
    ])
  func forms(_ text: String, _ same: String) {
    #expect(Timestamp(text)?.description == same)
  }

  @Test(
    "anything else is no timestamp",
    arguments: [
      "", "2026-11-22", "2026-11-22T10:15:30", "2026-11-22 10:15:30Z", "2026-11-22T10:15:30.Z",
      "2026-11-22T10:15:30.1234567890Z", "2026-11-22T10:15:30.123", "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
      "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-11-22T24:00:00Z",
      "2026-11-22T10:60:00Z", "2026-11-22T10:15:61Z", "2026-11-22T10:15:30+24:00", "2026-11-22T10:15:30+0700",
      "2026-11-22T10:15:30+07:60", "2026-11-22T10:15:30Zx", "0000-01-01T00:00:00Z", "9999-12-31T23:59:60Z",
      "0001-01-01T00:00:00+00:01", "+026-11-22T10:15:30Z", "2026-11-22T1O:15:30Z", "２０２６-11-22T10:15:30Z",
      "2026-11-22T10:15:30.123456789012345678901234567890Z",
    ])
  func refused(_ text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test(
    "nanoseconds are written with as few digits as hold them",
    arguments: [
      (0, "00:00:01.500Z"), (1000, "00:00:01.500001Z"), (999_000, "00:00:01.500999Z"), (1, "00:00:01.500000001Z"),
      (120_030, "00:00:01.500120030Z"), (999_999, "00:00:01.500999999Z"),
    ])
  func nanoseconds(_ beyond: Int, _ expected: String) throws {
    var output = Array("before".utf8)
    try #require(Timestamp(milliseconds: 1500)).append(plus: beyond, to: &output)
    #expect(String(decoding: output, as: UTF8.self) == "before1970-01-01T" + expected)
  }

  @Test("moments outside the years 0001 to 9999 are none")
  func bounds() {
    #expect(Timestamp(milliseconds: Timestamp.earliest.milliseconds - 1) == nil)
    #expect(Timestamp(milliseconds: Timestamp.latest.milliseconds + 1) == nil)
    #expect(Timestamp(milliseconds: .min) == nil)
    #expect(Timestamp(milliseconds: .max) == nil)
    #expect(Timestamp.earliest < Timestamp.latest)
  }

  @Test("random moments come back as they went")
  func roundTrip() {
    var random = SeededGenerator(seed: 11)
    for _ in 0..<2000 {
      let milliseconds = Int64.random(
        in: Timestamp.earliest.milliseconds...Timestamp.latest.milliseconds, using: &random)
      let timestamp = Timestamp(milliseconds: milliseconds)
      #expect(Timestamp(timestamp?.description ?? "") == timestamp)
    }
  }
}
