import BaritoCore
import Kafka
import Testing

@testable import BaritoFlow

@Suite struct ParkedLanesTests {
  private let red = TopicPartition("red_logs", 0)
  private let green = TopicPartition("green_logs", 0)
  private let second: UInt64 = 1_000_000_000

  private func lanes() -> ParkedLanes { ParkedLanes(backoff: Backoff(base: .seconds(1), cap: .seconds(4))) }

  @Test("a lane is tried again when its time has come, and waits longer each time")
  func backoff() {
    var lanes = lanes()
    var now: UInt64 = 0
    for attempt in 0..<5 {
      let isNews = lanes.park(red, for: .readOnly, at: 7, now: now)
      #expect(isNews == (attempt == 0), "only the first time is news")
      #expect(lanes.waiting == [red] && lanes.counts == [.readOnly: 1])
      let early = lanes.due(now: now) { _ in true }
      now += 5 * second
      let unready = lanes.due(now: now) { _ in false }
      let due = lanes.due(now: now) { _ in true }
      #expect(early.isEmpty && unready.isEmpty && due == [red] && lanes.waiting.isEmpty)
    }
    let settled = lanes.settled([red, green])
    let isNews = lanes.park(red, for: .closed, at: 7, now: now)
    #expect(settled == [red] && isNews, "it went on meanwhile")
  }

  @Test("a record is overdue when the server failed over it, and over nothing else, for longer than that")
  func overdue() {
    func overdue(_ stops: [(cause: ParkCause, offset: Int64)]) -> [TopicPartition: Set<Int64>] {
      var lanes = lanes()
      var now: UInt64 = 0
      for stop in stops {
        _ = lanes.park(red, for: stop.cause, at: stop.offset, now: now)
        now += 9 * second
        _ = lanes.due(now: now) { _ in true }
      }
      return lanes.overdue([red, green], age: 10 * second, now: now)
    }
    #expect(overdue([(.failing, 7)]).isEmpty, "not for long")
    #expect(overdue([(.failing, 7), (.failing, 7)]) == [red: [7]])
    #expect(overdue([(.readOnly, 7), (.failing, 7)]).isEmpty, "the index took nothing before")
    #expect(overdue([(.failing, 7), (.readOnly, 7), (.failing, 7)]).isEmpty)
    #expect(overdue([(.failing, 7), (.failing, 8)]).isEmpty, "it got further")
  }

  @Test("a record that the server fails over is overdue although its partition was away meanwhile")
  func rebalanced() {
    var lanes = lanes()
    _ = lanes.park(red, for: .failing, at: 7, now: 0)
    _ = lanes.park(green, for: .readOnly, at: 7, now: 0)
    lanes.forget([red, green])
    #expect(lanes.waiting.isEmpty && lanes.counts.isEmpty)
    let isNews = lanes.park(red, for: .failing, at: 7, now: 9 * second)
    let due = lanes.due(now: 14 * second) { _ in true }
    #expect(isNews && due == [red], "it waits as for the first time")
    #expect(lanes.overdue([red, green], age: 10 * second, now: 14 * second) == [red: [7]])
    _ = lanes.settled([red])
    #expect(lanes.overdue([red], age: 10 * second, now: 14 * second).isEmpty, "it has passed")
  }

  @Test("a lane is read again from the first of its stops, and batches behind it do not make its record young again")
  func manyStops() {
    var lanes = lanes()
    var now: UInt64 = 0
    for _ in 0..<3 {
      // The batch behind ends first.
      _ = lanes.park(red, for: .failing, at: 5000, now: now)
      let isNews = lanes.park(red, for: .failing, at: 7, now: now)
      #expect(!isNews)
      now += 5 * second
      _ = lanes.due(now: now) { _ in true }
      #expect(lanes.counts == [.failing: 1], "it is being tried again, and not over")
    }
    #expect(lanes.overdue([red], age: 10 * second, now: now) == [red: [7, 5000]])
    _ = lanes.park(red, for: .failing, at: 5000, now: now)
    now += 5 * second
    _ = lanes.due(now: now) { _ in true }
    #expect(lanes.overdue([red], age: 10 * second, now: now) == [red: [5000]], "the first has passed")
  }

  @Test("a record that failed once and passed since is not overdue, whatever its lane waits for")
  func passed() {
    var lanes = lanes()
    _ = lanes.park(red, for: .failing, at: 5000, now: 0)
    for round in 0..<4 as Range<UInt64> {
      _ = lanes.park(red, for: .failing, at: 7, now: round * 5 * second)
      _ = lanes.due(now: (round + 1) * 5 * second) { _ in true }
    }
    #expect(lanes.overdue([red], age: 10 * second, now: 20 * second) == [red: [7]])
  }

  @Test("whatever fails behind it, the first record of a lane that does not get through becomes overdue")
  func manyBehind() {
    var lanes = lanes()
    var now: UInt64 = 0
    for round in 0..<4 as Range<Int64> {
      for place in 0..<30 as Range<Int64> {
        _ = lanes.park(red, for: .failing, at: 1000 + 30 * round + place, now: now)
      }
      _ = lanes.park(red, for: .readOnly, at: 9000, now: now)
      _ = lanes.park(red, for: .failing, at: 7, now: now)
      now += 5 * second
      _ = lanes.due(now: now) { _ in true }
    }
    #expect(lanes.overdue([red], age: 10 * second, now: now)[red]?.contains(7) == true)
  }
}
