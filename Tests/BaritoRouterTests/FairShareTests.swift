import BaritoCore
import Testing

@testable import BaritoRouter

@Suite struct FairShareTests {
  private let second: UInt64 = 1_000_000_000

  /// An app that offers a rate in equal batches, and drops what is refused.
  private struct Load {
    var app: AppProfile
    var rate: Double
    var isEarly = false
    var taken = 0
    var offered = 0
    var refusals = 0
  }

  private func load(_ id: Int, limit: Int? = nil, rate: Double) -> Load {
    Load(app: .named("app\(id)", id: Int64(id), limits: IngestLimits(linesPerSecond: limit)), rate: rate)
  }

  /// Lets apps send for some seconds of the limiter's time, and counts.
  private func run(_ loads: inout [Load], _ group: Int?, seconds: Int, from start: UInt64 = 0, _ limiter: IngestLimiter)
  {
    let limits = IngestLimits(linesPerSecond: group)
    for tick in 0..<seconds * 10 {
      let now = start + UInt64(tick) * second / 10
      for index in loads.indices {
        let due = Int(loads[index].rate * Double(tick + 1) / 10) - loads[index].offered
        guard due > 0 else { continue }
        loads[index].offered += due
        // No two batches are equal, so nobody takes a place by chance.
        let excess = limiter.admit(
          loads[index].app, groupLimits: limits, lines: due, bytes: 1, now: now, mark: tick * loads.count + index + 1)
        if excess == nil { loads[index].taken += due } else { loads[index].refusals += 1 }
      }
    }
  }

  /// What each gets when nothing is left over from before: after the bursts are spent.
  private func steady(_ loads: [Load], _ group: Int?) -> [Double] {
    let limiter = IngestLimiter()
    var warm = loads
    run(&warm, group, seconds: 30, limiter)
    var measured = loads
    run(&measured, group, seconds: 100, from: 30 * second, limiter)
    return measured.map { Double($0.taken) / 100 }
  }

  private func expect(_ rates: [Double], _ expected: [Double], within part: Double = 0.12) {
    for (rate, want) in zip(rates, expected) {
      #expect(abs(rate - want) <= want * part + 2, "\(rates) is not \(expected)")
    }
  }

  @Test("apps without a limit share the group's evenly, and what one leaves goes to the others")
  func maxMin() {
    expect(
      steady([load(1, rate: 100), load(2, rate: 900), load(3, rate: 5_000)], 1_000), [100, 450, 450])
    expect(
      steady([load(1, rate: 50), load(2, rate: 250), load(3, rate: 1_000), load(4, rate: 3_000)], 1_000),
      [50, 250, 350, 350])
  }

  @Test("an app's own limit comes first, then who has none, and who is over its own borrows the rest")
  func order() {
    expect(steady([load(1, limit: 300, rate: 2_000), load(2, rate: 2_000)], 1_000), [300, 700])
    expect(steady([load(1, limit: 300, rate: 2_000), load(2, rate: 200)], 1_000), [800, 200])
    expect(
      steady([load(1, limit: 100, rate: 2_000), load(2, limit: 300, rate: 2_000), load(3, rate: 100)], 1_000),
      [350, 550, 100])
  }

  @Test("the example of the README is what happens")
  func example() {
    let (payments, search) = (load(1, limit: 300, rate: 250), load(2, limit: 100, rate: 800))
    let (web, batch) = (load(3, rate: 900), load(4, rate: 200))
    expect(steady([payments, search, web, batch], 1_000), [250, 100, 450, 200])
    expect(steady([payments, search, batch], 1_000), [250, 550, 200])
  }

  @Test("nobody without a limit starves where the limits of others use the group up")
  func starving() {
    let rates = steady([load(1, limit: 1_000, rate: 2_000), load(2, rate: 2_000)], 1_000)
    expect(rates, [1_000, 50])
  }

  @Test("without a group limit an app's own is the most that it may send")
  func alone() {
    expect(steady([load(1, limit: 100, rate: 500), load(2, limit: 700, rate: 600)], nil), [100, 600])
  }

  @Test("an app that stays below its limit is never refused because of others", arguments: 0..<8)
  func guarantee(seed: Int) {
    var random = Seeded(UInt64(seed))
    let group = Int.random(in: 100...5_000, using: &random)
    let count = Int.random(in: 2...10, using: &random)
    // Two of three have a limit of their own, which may even be too many for the group.
    var loads = (1...count).map { id in
      let limit = id % 3 == 0 ? nil : Int.random(in: 10...group, using: &random)
      let most = Double(limit ?? group) * 8
      return load(id, limit: limit, rate: Double.random(in: 1...most, using: &random))
    }
    let limiter = IngestLimiter()
    run(&loads, group, seconds: 60, limiter)
    for load in loads {
      guard let limit = load.app.limits.linesPerSecond, load.rate <= Double(limit) else { continue }
      #expect(load.refusals == 0, "\(load) in a group of \(group)")
    }
  }

  @Test("an app without a limit that stays below its even share is never refused", arguments: 0..<6)
  func evenShare(seed: Int) {
    var random = Seeded(UInt64(seed))
    let group = Int.random(in: 500...5_000, using: &random)
    let count = Int.random(in: 2...10, using: &random)
    let share = Double(group) / Double(count)
    var loads = (1...count).map { id in
      load(id, rate: id % 2 == 0 ? share * 10 : Double.random(in: 1...share * 0.95, using: &random))
    }
    let limiter = IngestLimiter()
    run(&loads, group, seconds: 60, limiter)
    for load in loads where load.rate < share { #expect(load.refusals == 0, "\(load) of \(share)") }
  }

  @Test("apps whose limits fit into the group's do not send more than that together", arguments: 0..<6)
  func together(seed: Int) {
    var random = Seeded(UInt64(seed))
    let group = Int.random(in: 500...5_000, using: &random)
    let count = Int.random(in: 1...8, using: &random)
    var loads = (1...count).map { id in
      load(
        id, limit: Bool.random(using: &random) ? group / (2 * count) : nil,
        rate: Double.random(in: 1...Double(group) * 3, using: &random))
    }
    let limiter = IngestLimiter()
    let seconds = 100
    run(&loads, group, seconds: seconds, limiter)
    let taken = loads.reduce(0) { $0 + $1.taken }
    // The burst, and the debt of one batch for each.
    let debts = loads.reduce(0.0) { $0 + $1.rate / 10 + 1 }
    #expect(Double(taken) <= Double(group) * (Double(seconds) + UnitBudget.burstSeconds + Double(count)) + debts)
  }
}
