import BaritoCore
import Synchronization
import Testing

@testable import BaritoRouter

@Suite struct HeldSharesTests {
  private let (shop, other) = (AppID(1), AppID(2))

  @Test("one app's trouble with Kafka leaves room for the others")
  func apps() {
    var shares = HeldShares(limit: 400)
    shares.take(100, of: shop)
    #expect(!shares.ask(1, for: shop))
    #expect(shares.ask(2, for: other))
    #expect(shares.giveBack(40, of: shop).isEmpty)
    #expect(shares.giveBack(20, of: shop) == [1])
    #expect(shares.ask(1, for: shop))
  }

  @Test("over the limit in all everybody waits, and everybody is woken when half of it is free")
  func all() {
    var shares = HeldShares(limit: 400)
    for app in 1...4 { shares.take(100, of: AppID(Int64(app))) }
    #expect(!shares.ask(1, for: AppID(9)))
    #expect(!shares.ask(2, for: nil))
    shares.leave(2)
    #expect(shares.giveBack(100, of: AppID(1)).isEmpty)
    #expect(shares.giveBack(100, of: AppID(2)) == [1])
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
