import BaritoCore
import HTTP
import Testing

@testable import BaritoRouter

@Suite struct LimiterTests {
  private let second: UInt64 = 1_000_000_000

  @Test("whoever obeys Retry-After is taken, and no window holds more than it may", arguments: 0..<20)
  func model(seed: Int) throws {
    var random = Seeded(UInt64(seed))
    let rate = Int.random(in: 1...2_000, using: &random)
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: rate))
    let limiter = IngestLimiter()
    var now: UInt64 = 5_000
    var taken: [(at: UInt64, lines: Int)] = []
    var refused = 0
    for _ in 0..<400 {
      now += UInt64.random(in: 0...2 * second, using: &random)
      let lines = Int.random(in: 1...rate * 30, using: &random)
      if let excess = limiter.admit(app, lines: lines, bytes: 1, now: now) {
        refused += 1
        let refusal = Refusal(excess, of: app, lines: lines, bytes: 1)
        now += UInt64(try #require(refusal.retryAfterSeconds)) * second
        #expect(limiter.admit(app, lines: lines, bytes: 1, now: now) == nil)
      }
      taken.append((now, lines))
    }
    #expect(refused > 10)
    for (index, first) in taken.enumerated() {
      var (sum, largest) = (0, 0)
      for batch in taken[index...] {
        sum += batch.lines
        largest = max(largest, batch.lines)
        let time = Double(batch.at - first.at) / 1e9
        let allowed = Double(rate) * time + Double(rate * 10) + Double(largest) + 1
        #expect(Double(sum) <= allowed, "\(sum) lines in \(time) s at \(rate)/s")
        if Double(sum) > allowed { return }
      }
    }
  }

  @Test("a batch larger than the whole burst is taken, and paid back before the next")
  func large() throws {
    let limiter = IngestLimiter()
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: 10))
    #expect(limiter.admit(app, lines: 1_000, bytes: 1, now: 0) == nil)
    let excess = try #require(limiter.admit(app, lines: 1, bytes: 1, now: 0))
    #expect(excess.unit == .lines && excess.limit == 10)
    let wait = try #require(excess.retryAfter)
    #expect(wait >= .seconds(90) && wait < .seconds(91))
    #expect(limiter.admit(app, lines: 1, bytes: 1, now: 89 * second) != nil)
    #expect(limiter.admit(app, lines: 1, bytes: 1, now: 91 * second) == nil)
  }

  @Test("the limit that takes longest is the one that is told")
  func longest() throws {
    let limiter = IngestLimiter()
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: 10, bytesPerSecond: 10))
    #expect(limiter.admit(app, lines: 101, bytes: 500, now: 0) == nil)
    let excess = try #require(limiter.admit(app, lines: 1, bytes: 1, now: 0))
    #expect(excess.unit == .bytes)
  }

  @Test("a group's limit holds all of its apps, and another group's none")
  func group() throws {
    let limiter = IngestLimiter()
    let limits = IngestLimits(linesPerSecond: 10)
    #expect(limiter.admit(.named("a", id: 1), groupLimits: limits, lines: 150, bytes: 1, now: 0) == nil)
    let excess = try #require(limiter.admit(.named("a", id: 1), groupLimits: limits, lines: 1, bytes: 1, now: 0))
    #expect(excess.holder == .group && excess.limit == 10 && excess.used == 150 && excess.quota == 100)
    // One that comes now is not held to what the other took: a second of its share is there.
    #expect(limiter.admit(.named("b", id: 2), groupLimits: limits, lines: 6, bytes: 1, now: 0) == nil)
    #expect(limiter.admit(.named("b", id: 2), groupLimits: limits, lines: 1, bytes: 1, now: 0) != nil)
    let other = AppProfile.named("c", id: 3, in: "other")
    #expect(limiter.admit(other, groupLimits: limits, lines: 1, bytes: 1, now: 0) == nil)
  }

  @Test("an app's own limit is its own, whatever the others of the group took")
  func guaranteed() {
    let limiter = IngestLimiter()
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: 10))
    let tight = IngestLimits(linesPerSecond: 10)
    #expect(limiter.admit(.named("b", id: 2), groupLimits: tight, lines: 50_000, bytes: 1, now: 0) == nil)
    #expect(limiter.admit(app, groupLimits: tight, lines: 100, bytes: 1, now: 0) == nil)
    #expect(limiter.admit(app, groupLimits: tight, lines: 1, bytes: 1, now: 0) != nil)
  }

  @Test("what a group does not use, an app may borrow")
  func borrow() {
    let limiter = IngestLimiter()
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: 10))
    let wide = IngestLimits(linesPerSecond: 100)
    for _ in 0..<10 { #expect(limiter.admit(app, groupLimits: wide, lines: 100, bytes: 1, now: 0) == nil) }
    #expect(limiter.admit(app, groupLimits: wide, lines: 1, bytes: 1, now: 0) != nil)
    // Ninety that nobody else wants come to its own ten.
    #expect(limiter.admit(app, groupLimits: wide, lines: 100, bytes: 1, now: second) == nil)
    #expect(limiter.admit(app, groupLimits: wide, lines: 90, bytes: 1, now: second) != nil)
  }

  @Test("what is given back may be taken again, and no more than that")
  func giveBack() {
    let limiter = IngestLimiter()
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: 1))
    #expect(limiter.admit(app, lines: 10, bytes: 1, now: 0) == nil)
    #expect(limiter.admit(app, lines: 1, bytes: 1, now: 0) != nil)
    limiter.giveBack(app, lines: 10, bytes: 1)
    limiter.giveBack(app, lines: 10, bytes: 1)
    #expect(limiter.admit(app, lines: 10, bytes: 1, now: 0) == nil)
    #expect(limiter.admit(app, lines: 2, bytes: 1, now: 0) != nil)
  }

  @Test("a limit of nothing has no time to come back at", arguments: [0, -1])
  func never(rate: Int) throws {
    let limiter = IngestLimiter()
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: rate))
    let excess = try #require(limiter.admit(app, lines: 1, bytes: 1, now: 0))
    #expect(excess.retryAfter == nil)
    #expect(Refusal(excess, of: app, lines: 1, bytes: 1).response.headers["Retry-After"] == nil)
  }

  @Test("no limit that a profile can hold brings the Router down", arguments: [Int.max, Int.min, 1])
  func extremes(rate: Int) {
    let limiter = IngestLimiter()
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: rate, bytesPerSecond: rate))
    for now in [0, 1, UInt64.max / 2, 3, UInt64.max] {
      _ = limiter.admit(app, lines: 1_000_000, bytes: Int(Int32.max), now: now)
    }
  }

  @Test("a limit that is raised counts from now on, and what was used stays used")
  func change() {
    let limiter = IngestLimiter()
    #expect(limiter.admit(.named("a", limits: IngestLimits(linesPerSecond: 1)), lines: 20, bytes: 1, now: 0) == nil)
    let raised = AppProfile.named("a", limits: IngestLimits(linesPerSecond: 10))
    #expect(limiter.admit(raised, lines: 1, bytes: 1, now: 0) != nil)
    #expect(limiter.admit(raised, lines: 1, bytes: 1, now: 2 * second) == nil)
    #expect(limiter.admit(.named("a"), lines: 1_000_000, bytes: 1, now: 2 * second) == nil)
  }

  @Test("apps and groups that are deleted are forgotten, and those that send nothing for a while")
  func forgotten() {
    let limiter = IngestLimiter()
    let limits = IngestLimits(linesPerSecond: 1)
    let apps = (1...100).map { AppProfile.named("a", id: $0, limits: limits) }
    for app in apps { #expect(limiter.admit(app, groupLimits: limits, lines: 1, bytes: 1, now: 0) == nil) }
    #expect(limiter.count == 100)
    limiter.keep(Set(apps.prefix(50).map(\.id)), [ClusterName("haza")], now: 0)
    #expect(limiter.count == 50)
    // One owes far more than a minute, another came just now.
    #expect(limiter.admit(apps[0], groupLimits: limits, lines: 10_000, bytes: 1, now: 0) == nil)
    #expect(limiter.admit(apps[1], groupLimits: limits, lines: 1, bytes: 1, now: 50 * second) == nil)
    limiter.keep(Set(apps.map(\.id)), [ClusterName("haza")], now: 70 * second)
    #expect(limiter.count == 2)
    limiter.keep(Set(apps.map(\.id)), [], now: 70 * second)
    #expect(limiter.count == 0)
  }

  @Test("several Routers take an even part of a limit each")
  func routers() throws {
    let limiter = IngestLimiter()
    limiter.share(among: 4)
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: 100))
    #expect(limiter.admit(app, lines: 250, bytes: 1, now: 0) == nil)
    let excess = try #require(limiter.admit(app, lines: 250, bytes: 1, now: 0))
    #expect(excess.limit == 100 && excess.routers == 4 && excess.quota == 250)
    // The others went away: from now on all of it is this one's.
    limiter.share(among: 1)
    #expect(limiter.admit(app, lines: 100, bytes: 1, now: second) != nil)
    #expect(limiter.admit(app, lines: 100, bytes: 1, now: 4 * second) == nil)
    limiter.share(among: 0)
    #expect(limiter.routers == 1)
  }

  @Test("time that goes back, or stands still, takes nothing and gives nothing")
  func backwards() {
    let limiter = IngestLimiter()
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: 10))
    #expect(limiter.admit(app, lines: 100, bytes: 1, now: 100 * second) == nil)
    for now in [0, 50 * second, 100 * second] { #expect(limiter.admit(app, lines: 10, bytes: 1, now: now) != nil) }
    #expect(limiter.admit(app, lines: 10, bytes: 1, now: 101 * second) == nil)
  }

  @Test("an app that absorbs is told that it is over its limit, and owes nothing for it")
  func absorb() {
    let limiter = IngestLimiter()
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: 10), overload: .absorb)
    #expect(limiter.admit(app, lines: 101, bytes: 1, now: 0) == nil)
    for _ in 0..<100 { #expect(limiter.admit(app, lines: 1_000, bytes: 1, now: 0) != nil) }
    #expect(limiter.promised == 0)
    #expect(limiter.admit(app, lines: 1, bytes: 1, now: second) == nil)
  }
}
