import BaritoCore
import Testing

@testable import BaritoService

@Suite struct UsageCounterTests {
  private let app = AppID(7)

  @Test("what was counted is taken once")
  func once() {
    let usage = UsageCounter(now: 100)
    usage.accepted(app, lines: 3, bytes: 30, at: 150)
    usage.accepted(app, lines: 2, bytes: 20, at: 140)
    usage.refused(app, lines: 4, code: "limit")
    let (from, apps) = usage.take(now: 200)
    #expect(from == 100)
    #expect(apps == [AppUsage(app: app, accepted: 5, bytes: 50, refused: ["limit": 4], lastLineAt: 150)])
    #expect(usage.take(now: 300).apps.isEmpty)
  }

  @Test("what could not be told is added to what came meanwhile, with its time")
  func putBack() {
    let usage = UsageCounter(now: 100)
    usage.accepted(app, lines: 1, bytes: 10, at: 150)
    usage.refused(app, lines: 1, code: "limit")
    let (from, apps) = usage.take(now: 200)
    usage.accepted(app, lines: 2, bytes: 20, at: 250)
    usage.count(app) { $0.quarantined += 1 }
    usage.putBack(apps, from: from)
    let all = usage.take(now: 300)
    #expect(all.from == 100)
    #expect(
      all.apps == [
        AppUsage(app: app, accepted: 3, bytes: 30, refused: ["limit": 1], quarantined: 1, lastLineAt: 250)
      ])
  }

  @Test("an empty batch is no line")
  func empty() {
    let usage = UsageCounter(now: 0)
    usage.accepted(app, lines: 0, bytes: 0, at: 150)
    #expect(usage.take(now: 1).apps.allSatisfy { $0.lastLineAt == nil })
  }

  @Test("any number of threads lose no count")
  func threads() async {
    let usage = UsageCounter(now: 0)
    await withDiscardingTaskGroup { group in
      for _ in 0..<8 {
        group.addTask { [app] in for _ in 0..<500 { usage.accepted(app, lines: 1, bytes: 2, at: 1) } }
      }
    }
    #expect(usage.take(now: 1).apps.first?.accepted == 4_000)
  }
}
