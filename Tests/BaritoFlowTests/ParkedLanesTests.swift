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
      let isNews = lanes.park(red, for: .readOnly, now: now)
      #expect(isNews == (attempt == 0), "only the first time is news")
      #expect(lanes.waiting == [red] && lanes.counts == [.readOnly: 1])
      let early = lanes.due(now: now) { _ in true }
      now += 5 * second
      let unready = lanes.due(now: now) { _ in false }
      let due = lanes.due(now: now) { _ in true }
      #expect(early.isEmpty && unready.isEmpty && due == [red] && lanes.waiting.isEmpty)
    }
    let settled = lanes.settled([red, green])
    let isNews = lanes.park(red, for: .closed, now: now)
    #expect(settled == [red] && isNews, "it went on meanwhile")
  }

  @Test("a lane is overdue when it was parked each time it was tried for longer than that, and not once it went on")
  func overdue() {
    var lanes = lanes()
    _ = lanes.park(red, for: .failing, now: 0)
    _ = lanes.due(now: 9 * second) { _ in true }
    _ = lanes.park(red, for: .failing, now: 9 * second)
    #expect(lanes.overdue([red, green], age: 10 * second, now: 10 * second).isEmpty)
    #expect(lanes.overdue([red, green], age: 10 * second, now: 11 * second) == [red])
    _ = lanes.due(now: 20 * second) { _ in true }
    _ = lanes.settled([red])
    _ = lanes.park(red, for: .failing, now: 20 * second)
    #expect(lanes.overdue([red], age: 10 * second, now: 21 * second).isEmpty)
  }
}
