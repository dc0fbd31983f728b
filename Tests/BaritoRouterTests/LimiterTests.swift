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
        let allowed = Double(rate) * time + Double(rate * IngestLimiter.burstSeconds) + Double(largest) + 1
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
    let excess = try #require(limiter.admit(.named("b", id: 2), groupLimits: limits, lines: 1, bytes: 1, now: 0))
    #expect(excess.holder == .group)
    let other = AppProfile.named("c", id: 3, in: "other")
    #expect(limiter.admit(other, groupLimits: limits, lines: 1, bytes: 1, now: 0) == nil)
  }

  @Test("a batch that a group refuses is not taken out of the app's budget")
  func allOrNothing() {
    let limiter = IngestLimiter()
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: 10))
    let tight = IngestLimits(linesPerSecond: 1)
    #expect(limiter.admit(.named("b", id: 2), groupLimits: tight, lines: 50, bytes: 1, now: 0) == nil)
    for _ in 0..<10 { #expect(limiter.admit(app, groupLimits: tight, lines: 100, bytes: 1, now: 0) != nil) }
    #expect(limiter.admit(app, lines: 100, bytes: 1, now: 0) == nil)
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
    #expect(limiter.admit(app, lines: 1, bytes: 1, now: 0) != nil)
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

  @Test("apps and groups that are deleted are forgotten")
  func forgotten() {
    let limiter = IngestLimiter()
    let limits = IngestLimits(linesPerSecond: 1)
    for id in 1...100 {
      _ = limiter.admit(.named("a", id: Int64(id), limits: limits), groupLimits: limits, lines: 1, bytes: 1, now: 0)
    }
    #expect(limiter.count == 101)
    limiter.keep([AppID(7)], [])
    #expect(limiter.count == 1)
    _ = limiter.admit(.named("a", id: 7), lines: 1, bytes: 1, now: 0)
    _ = limiter.admit(.named("a", id: 8, limits: limits), lines: 1, bytes: 1, now: 0)
    _ = limiter.admit(.named("a", id: 8), groupLimits: limits, lines: 1, bytes: 1, now: 0)
    #expect(limiter.count == 2)
  }
}
