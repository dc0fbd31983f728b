import BaritoCore
import Testing

@testable import BaritoRouter

/// Senders that obey `Retry-After`, against everybody who does not.
@Suite struct RetryPromiseTests {
  private let second: UInt64 = 1_000_000_000

  /// Somebody who sends a batch again until it is taken.
  private struct Sender {
    var app: AppProfile
    var isObedient: Bool
    var size: BatchSize
    var mark: Int
    var next: UInt64
    /// When it was told to come back.
    var told: UInt64?
  }

  @Test("whoever obeys Retry-After is taken, whatever other senders and apps of the group do", arguments: 0..<12)
  func obeying(seed: Int) throws {
    var random = Seeded(UInt64(seed))
    let limiter = IngestLimiter()
    limiter.share(among: Int.random(in: 1...3, using: &random))
    var groupLimits = IngestLimits(
      linesPerSecond: Bool.random(using: &random) ? Int.random(in: 1...5_000, using: &random) : nil,
      bytesPerSecond: Bool.random(using: &random) ? Int.random(in: 1_000...500_000, using: &random) : nil)
    var apps = (1...Int.random(in: 1...12, using: &random)).map { id in
      AppProfile.named("app\(id)", id: Int64(id), limits: limits(&random))
    }
    var marks = 0
    var senders = (0..<30).map { _ in
      marks += 1
      return Sender(
        app: apps.randomElement(using: &random)!, isObedient: Bool.random(using: &random), size: size(&random),
        mark: marks, next: UInt64.random(in: 0...10 * second, using: &random))
    }
    var (obeyed, refused) = (0, 0)
    for _ in 0..<2_500 {
      let index = senders.indices.min { senders[$0].next < senders[$1].next }!
      let (sender, now) = (senders[index], senders[index].next)
      let app = apps[Int(sender.app.id.rawValue) - 1]
      let excess = limiter.admit(
        app, groupLimits: groupLimits, lines: sender.size.lines, bytes: sender.size.bytes, now: now, mark: sender.mark)
      if let excess {
        refused += 1
        if sender.told != nil {
          Issue.record("sender \(index) of \(app.name) obeyed at \(now) and was refused: \(excess)")
          return
        }
        if sender.isObedient {
          let refusal = Refusal(excess, of: app, lines: sender.size.lines, bytes: sender.size.bytes)
          let told = now + UInt64(try #require(refusal.retryAfterSeconds)) * second
          senders[index].told = told
          senders[index].next = told + UInt64.random(in: 0...5 * second, using: &random)
        } else {
          senders[index].next = now + UInt64.random(in: 0...second, using: &random)
        }
      } else {
        if sender.told != nil { obeyed += 1 }
        marks += 1
        senders[index].told = nil
        senders[index].mark = marks
        senders[index].size = size(&random)
        senders[index].next = now + UInt64.random(in: 0...second, using: &random)
      }
      // Limits and the number of Routers change while all of that runs.
      switch Int.random(in: 0..<300, using: &random) {
      case 0: apps[Int.random(in: apps.indices, using: &random)].limits = limits(&random)
      case 1: limiter.share(among: Int.random(in: 1...3, using: &random))
      case 2: groupLimits.linesPerSecond = Int.random(in: 1...5_000, using: &random)
      default: break
      }
    }
    #expect(groupLimits == .unlimited || obeyed > 0 || refused == 0)
  }

  private func limits(_ random: inout Seeded) -> IngestLimits {
    IngestLimits(
      linesPerSecond: Bool.random(using: &random) ? Int.random(in: 1...2_000, using: &random) : nil,
      bytesPerSecond: Bool.random(using: &random) ? Int.random(in: 1_000...200_000, using: &random) : nil)
  }

  private func size(_ random: inout Seeded) -> BatchSize {
    let lines = Int.random(in: 1...2_000, using: &random)
    return BatchSize(lines: lines, bytes: lines * Int.random(in: 20...200, using: &random))
  }

  @Test("senders of equal batches stand in line, each with a time of its own")
  func line() throws {
    let limiter = IngestLimiter()
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: 100))
    #expect(limiter.admit(app, lines: 1_000, bytes: 1, now: 0) == nil)
    let waits = try (0..<10).map { _ in
      try #require(limiter.admit(app, lines: 100, bytes: 1, now: 0)?.retryAfter) / .seconds(1)
    }
    for (place, wait) in waits.enumerated() { #expect(abs(wait - Double(place)) < 0.01) }
    for wait in waits { #expect(limiter.admit(app, lines: 100, bytes: 1, now: UInt64((wait + 0.01) * 1e9)) == nil) }
    #expect(limiter.promised == 0)
  }

  @Test("a sender that never waits is told one time, and keeps no more than a few places")
  func hammering() throws {
    let limiter = IngestLimiter()
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: 10))
    #expect(limiter.admit(app, lines: 1_000, bytes: 1, now: 0) == nil)
    var last: Duration?
    for _ in 0..<1_000 { last = limiter.admit(app, lines: 1, bytes: 1, now: 0)?.retryAfter }
    #expect(limiter.promised == RetryPromise.mostOfOne)
    #expect(try #require(last) < .seconds(95))
  }

  @Test("what is promised is bounded, however many batches come")
  func bounded() {
    let limiter = IngestLimiter()
    let group = IngestLimits(linesPerSecond: 10)
    for mark in 0..<6_000 {
      let app = AppProfile.named("a", id: Int64(mark % 8))
      _ = limiter.admit(app, groupLimits: group, lines: 1_000, bytes: mark, now: UInt64(mark), mark: mark)
    }
    #expect(limiter.promised <= RetryPromise.mostOfGroup)
  }

  @Test("senders that drop what is refused get what their app may send all the same", arguments: [2, 6])
  func dropping(times: Int) {
    let limiter = IngestLimiter()
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: 1_000))
    var random = Seeded(UInt64(times))
    var (sent, now) = (0, UInt64(0))
    while now < 120 * second {
      let lines = Int.random(in: 50...150, using: &random)
      if limiter.admit(app, lines: lines, bytes: Int(now % 1_000_003), now: now) == nil { sent += lines }
      now += second / UInt64(10 * times)
    }
    #expect(abs(Double(sent) - 130_000) < 15_000, "\(sent) lines in 120 s at 1000/s")
  }

  @Test("a place whose sender does not come back is forgotten")
  func lapse() {
    let limiter = IngestLimiter()
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: 10))
    #expect(limiter.admit(app, lines: 100, bytes: 1, now: 0) == nil)
    for bytes in 0..<5 { #expect(limiter.admit(app, lines: 10, bytes: bytes, now: 0) != nil) }
    #expect(limiter.promised == 5)
    #expect(limiter.admit(app, lines: 10, bytes: 77, now: 30 * second) == nil)
    #expect(limiter.promised == 0)
  }
}
