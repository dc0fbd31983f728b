import BaritoCore
import Testing

@testable import BaritoMarket

/// What pages decide without a database.
@Suite struct WebPureTests {
  @Test(
    "signing in goes to a page of ours and nowhere else",
    arguments: [
      ("/apps/1?x=%2F#a", "/apps/1?x=%2F#a"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("https://evil", "/"),
      ("evil", "/"), ("", "/"), ("/\t/evil.example", "/"), ("/a\nb", "/"), ("/sign-out", "/"),
      ("/sign-in?return_to=/", "/"),
    ])
  func returnPath(text: String, path: String) {
    #expect(ReturnPath(text).path == path)
    #expect(ReturnPath(nil) == .home)
  }

  @Test("a note is read by the session that it was made for, and by no other")
  func note() {
    let user = User(
      id: UserID(rawValue: 1), name: "dewi", isSuperadmin: false, isSystem: false, isDeactivated: false, createdAt: 0)
    let session = Session(principal: Principal(user: user), token: "one")
    let note = Note(page: "/apps/1", text: "Done; \"so\".", secret: "brs_x")
    let sealed = note.sealed(for: session)
    #expect(Note(sealed: sealed, for: session) == note)
    #expect(sealed.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: ",") })
    #expect(Note(sealed: sealed, for: Session(principal: Principal(user: user), token: "two")) == nil)
    #expect(Note(sealed: "e30.e30", for: session) == nil && Note(sealed: nil, for: session) == nil)
  }

  private func point(_ at: Int64, accepted: Int64 = 0, indexed: Int64 = 0, quarantined: Int64 = 0) -> UsagePoint {
    UsagePoint(at: at, counts: UsageCounts(accepted: accepted, indexed: indexed, quarantined: quarantined))
  }

  @Test("the lag is the age of the oldest line that is neither indexed nor in quarantine")
  func lag() {
    let now: Int64 = 1_800_000_005_000
    let start = RateWindow.start(of: now)
    let settled = [point(start - 30_000, accepted: 10, indexed: 6), point(start, indexed: 3, quarantined: 1)]
    #expect(settled.lag(step: 10_000, now: now) == 0)
    let behind = [
      point(start - 60_000, accepted: 10, indexed: 10), point(start - 40_000, accepted: 5), point(start, accepted: 5),
    ]
    #expect(behind.lag(step: 10_000, now: now) == 35_000)
    #expect([point(start, accepted: 1)].lag(step: 10_000, now: now) == 0)
    #expect([UsagePoint]().lag(step: 10_000, now: now) == 0)
  }

  @Test("rates are of the last ten to twenty seconds, the minute of the last six intervals")
  func rates() {
    let now: Int64 = 1_800_000_005_000
    let start = RateWindow.start(of: now)
    let reading = AppReading(
      points: [
        point(start - 3_000_000, accepted: 600), point(start - 10_000, accepted: 100), point(start, accepted: 50),
      ],
      indexedEver: 0, lastLineAt: now)
    #expect(reading.rate(now: now).lines == 10)
    #expect(reading.lastMinute(now: now).accepted == 150)
    let chart = reading.chart(created: start - 1_800_000, now: now)
    #expect(chart.series[0].values.count == 60)
    #expect(chart.series[0].values[0] == nil && chart.series[0].values[59] == 100.0 / 60)
    #expect(reading.chart(created: 0, now: now).series[0].values[10] == 10)
  }

  @Test("the first line is awaited, accepted, then searchable, with a time only where one was measured")
  func firstLine() {
    var reading = AppReading(points: [], indexedEver: 0)
    #expect(FirstLine.awaited.next(reading, found: nil, now: 1) == .awaited)
    reading.lastLineAt = 5_000
    let accepted = FirstLine.awaited.next(reading, found: nil, now: 6_000)
    #expect(accepted == .accepted(at: Moment(milliseconds: 5_000)))
    reading.lastLineAt = 7_000
    let found = accepted.next(reading, found: "{}", now: 8_000)
    #expect(found == .searchable(line: "{}", withinMilliseconds: 3_000))
    #expect(found.next(reading, found: nil, now: 9_000) == found)
    reading.indexedEver = 1
    #expect(accepted.next(reading, found: nil, now: 900_000) == .searchable(line: nil, withinMilliseconds: nil))
  }

  @Test(
    "the newest document is cut out of an answer as it is",
    arguments: [
      (#"{"hits":{"hits":[{"_source":{"a":1, "b":"é"}}]}}"#, #"{"a":1, "b":"é"}"#),
      (
        #"{"took":1,"hits":{"total":{"value":1},"hits":[{"_id":"x","_source":{"a":{}}},{"_source":{}}]}}"#, #"{"a":{}}"#
      ),
      (#"{"hits":{"hits":[]}}"#, nil), ("{}", nil), ("", nil), ("<html>", nil),
    ])
  func newestLine(answer: String, line: String?) {
    #expect(NewestLine.source(in: Array(answer.utf8)) == line)
  }

  @Test("a registration says what is missing at its field")
  func order() {
    let empty = RegistrationOrder(RegisterPage.Typed())
    #expect(empty.errors[RegisterPage.Form.appName] != nil && empty.errors[RegisterPage.Form.group] != nil)
    let typed = RegisterPage.Typed(
      group: RegisterPage.Form.newGroup, groupName: "", size: RegisterPage.Form.bySpeed, groupMaxTPS: "-3",
      appName: "a/b", appMaxTPS: "1e3", retentionDays: "0")
    let wrong = RegistrationOrder(typed)
    typealias Form = RegisterPage.Form
    for field in [Form.groupName, Form.groupMaxTPS, Form.appName, Form.appMaxTPS, Form.retentionDays] {
      #expect(wrong.errors[field] != nil, "\(field)")
    }
    let right = RegistrationOrder(.init(group: "kapuas", appName: "api", appMaxTPS: "5", retentionDays: "3"))
    #expect(right.errors.isEmpty && right.group == .existing(ClusterName("kapuas")))
    #expect(right.app == Apps.New(name: "api", maxTPS: 5, retentionDays: 3))
  }

  @Test("one reading serves all who ask within its age")
  func sharedReadings() async throws {
    let readings = SharedReadings<Int>(maximumAge: .seconds(60))
    let first = try await readings.reading(of: "a") { ($0 ?? 0) + 1 }
    let second = try await readings.reading(of: "a") { ($0 ?? 0) + 1 }
    #expect(first == 1 && second == 1)
    #expect(try await readings.reading(of: "b") { _ in 7 } == 7)
    let none = SharedReadings<Int>(maximumAge: .zero)
    _ = try await none.reading(of: "a") { _ in 1 }
    await #expect(throws: MarketError.self) {
      try await none.reading(of: "a") { _ in throw MarketError(.internal, "") }
    }
    #expect(try await none.reading(of: "a") { ($0 ?? 0) + 1 } == 2)
  }
}
