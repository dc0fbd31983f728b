import BaritoCore
import Synchronization
import Testing

@testable import BaritoRouter

@Suite struct HeldSharesTests {
  private let shop = AppID(1)
  private let other = AppID(2)

  @Test("one app's trouble with Kafka leaves room for the others")
  func apps() {
    var shares = HeldShares(limit: 400)
    shares.take(100, of: shop)
    let mayShop = shares.ask(1, for: shop)
    #expect(!mayShop)
    let mayOther = shares.ask(2, for: other)
    #expect(mayOther)
    let few = shares.giveBack(40, of: shop)
    #expect(few.isEmpty)
    let half = shares.giveBack(20, of: shop)
    #expect(half == [1])
    let mayAgain = shares.ask(1, for: shop)
    #expect(mayAgain)
  }

  @Test("over the limit in all everybody waits, and everybody is woken when half of it is free")
  func all() {
    var shares = HeldShares(limit: 400)
    for app in 1...4 { shares.take(100, of: AppID(Int64(app))) }
    let mayApp = shares.ask(1, for: AppID(9))
    #expect(!mayApp)
    let mayNobody = shares.ask(2, for: nil)
    #expect(!mayNobody)
    shares.leave(2)
    let few = shares.giveBack(100, of: AppID(1))
    #expect(few.isEmpty)
    let half = shares.giveBack(100, of: AppID(2))
    #expect(half == [1])
    #expect(shares.used == 200)
  }

  @Test("bytes are given back when the last who holds them lets go")
  func holds() {
    let held = HeldBytes(limit: 100)
    let calls = Mutex(0)
    var hold: HeldBytes.Hold? = held.take(100, of: nil)
    let id = held.newID()
    #expect(!held.ask(id, for: nil) { calls.withLock { $0 += 1 } })
    #expect(held.used == 100 && hold != nil)
    hold = nil
    #expect(held.used == 0 && calls.withLock { $0 } == 1)
    #expect(held.ask(id, for: nil) {})
  }

  @Test("a fault is said once a minute for each peer, with how often it was not said")
  func complaints() {
    let complaints = Complaints()
    let minute = Complaints.interval
    #expect(complaints.mustSay("a", of: "x", now: 5) == 0)
    #expect(complaints.mustSay("a", of: "x", now: 6) == nil)
    #expect(complaints.mustSay("b", of: "x", now: 6) == 0)
    #expect(complaints.mustSay("a", of: "y", now: 6) == 0)
    #expect(complaints.mustSay("a", of: "x", now: 5 + minute) == 1)
  }
}
