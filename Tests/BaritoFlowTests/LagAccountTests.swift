import Kafka
import Testing

@testable import BaritoFlow

@Suite struct LagAccountTests {
  private let first = TopicPartition("shop_logs", 0)
  private let second = TopicPartition("shop_logs", 1)

  private func observe(
    _ account: inout LagAccount, ends: [TopicPartition: Int64], committed: [TopicPartition: Int64] = [:],
    beginnings: [TopicPartition: Int64] = [:], now: Int64
  ) {
    account.observe(
      listed: Set(ends.keys), ends: ends, committed: committed, beginnings: beginnings, now: now)
  }

  @Test("a topic whose records are all committed is not behind")
  func none() {
    var account = LagAccount()
    observe(&account, ends: [first: 7, second: 0], committed: [first: 7], now: 1_000)
    #expect(account.lags(now: 1_000) == ["shop_logs": .init(records: 0, end: 7, seconds: 0)])
    #expect(account.wanted(10).isEmpty)
  }

  @Test("records without any committed offset count from the oldest there is")
  func uncommitted() {
    var account = LagAccount()
    observe(&account, ends: [first: 100], beginnings: [first: 40], now: 50_000)
    #expect(account.lags(now: 50_000)["shop_logs"]?.records == 60)
    #expect(account.wanted(10) == [first: 40])
  }

  @Test("what retention deleted unread does not count any more")
  func deleted() {
    var account = LagAccount()
    observe(&account, ends: [first: 100], committed: [first: 10], beginnings: [first: 90], now: 50_000)
    #expect(account.lags(now: 50_000)["shop_logs"]?.records == 10)
  }

  @Test("the age is that of the oldest record of all partitions, unknown until all are known")
  func age() {
    var account = LagAccount()
    observe(&account, ends: [first: 10, second: 10], committed: [first: 4, second: 9], now: 100_000)
    account.learn([first: (offset: 4, time: 40_000)])
    #expect(account.lags(now: 100_000)["shop_logs"] == .init(records: 7, end: 20, seconds: nil))
    #expect(account.wanted(10) == [second: 9])
    account.learn([second: (offset: 9, time: 30_000)])
    #expect(account.lags(now: 100_000)["shop_logs"] == .init(records: 7, end: 20, seconds: 70))
    #expect(account.wanted(10).isEmpty)
  }

  @Test("a record that stays gets older while nobody answers")
  func stays() {
    var account = LagAccount()
    observe(&account, ends: [first: 10], committed: [first: 4], now: 100_000)
    account.learn([first: (offset: 4, time: 40_000)])
    account.observe(listed: [first], ends: [:], committed: [:], beginnings: [:], now: 160_000)
    #expect(account.lags(now: 160_000)["shop_logs"] == .init(records: 6, end: 10, seconds: 120))
  }

  @Test("a record that was not there at an earlier look is younger than that look, without being read")
  func bound() {
    var account = LagAccount()
    observe(&account, ends: [first: 10], committed: [first: 10], now: 100_000)
    observe(&account, ends: [first: 30], committed: [first: 12], now: 110_000)
    #expect(account.lags(now: 112_000)["shop_logs"] == .init(records: 18, end: 30, seconds: 12))
    observe(&account, ends: [first: 50], committed: [first: 29], now: 120_000)
    #expect(account.lags(now: 120_000)["shop_logs"]?.seconds == 20)
    observe(&account, ends: [first: 60], committed: [first: 30], now: 130_000)
    #expect(account.lags(now: 130_000)["shop_logs"]?.seconds == 20)
    account.learn([first: (offset: 30, time: 119_000)])
    #expect(account.lags(now: 130_000)["shop_logs"]?.seconds == 11)
  }

  @Test("the partitions of which least is known are asked about first, and no more than may be")
  func bounded() {
    var account = LagAccount()
    let many = (0..<500).map { TopicPartition("t\($0)_logs", 0) }
    observe(&account, ends: Dictionary(uniqueKeysWithValues: many.map { ($0, 10) }), now: 1_000)
    #expect(account.wanted(200).count == 200)
    account.learn(Dictionary(uniqueKeysWithValues: many.prefix(400).map { ($0, (offset: 0, time: 500)) }))
    #expect(Set(account.wanted(200).keys) == Set(many.suffix(100)))
  }

  @Test("a topic that is gone is forgotten, one that was made again is new")
  func gone() {
    var account = LagAccount()
    observe(&account, ends: [first: 10], committed: [first: 4], now: 100_000)
    account.learn([first: (offset: 4, time: 40_000)])
    observe(&account, ends: [first: 2], committed: [first: 4], beginnings: [first: 0], now: 110_000)
    #expect(account.lags(now: 110_000) == ["shop_logs": .init(records: 0, end: 2, seconds: 0)])
    account.observe(listed: [], ends: [:], committed: [:], beginnings: [:], now: 120_000)
    #expect(account.lags(now: 120_000).isEmpty)
  }

  @Test("three thousand partitions cost a few milliseconds a round")
  func large() {
    var account = LagAccount()
    let many = (0..<1000).flatMap { topic in (0..<3).map { TopicPartition("t\(topic)_logs", Int32($0)) } }
    let start = ContinuousClock.now
    for round in 1...20 {
      let ends = Dictionary(uniqueKeysWithValues: many.map { ($0, Int64(round * 100)) })
      observe(&account, ends: ends, committed: ends.mapValues { $0 - 10 }, now: Int64(round) * 10_000)
      _ = account.wanted(200)
      #expect(account.lags(now: Int64(round) * 10_000).count == 1000)
    }
    // Unoptimised, on a machine with other work.
    #expect((ContinuousClock.now - start) / 20 < .seconds(1))
  }
}
