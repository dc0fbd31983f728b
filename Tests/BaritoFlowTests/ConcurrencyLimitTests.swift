import Testing

@testable import BaritoFlow

@Suite struct ConcurrencyLimitTests {
  @Test("it grows by one a round while all goes well, and never beyond the most that is allowed")
  func grows() {
    var limit = ConcurrencyLimit(maximum: 8)
    #expect(limit.current == 4)
    for _ in 0..<4 { limit.answered(isOverloaded: false, begin: 0, now: 1) }
    #expect(limit.current == 4)
    limit.answered(isOverloaded: false, begin: 0, now: 1)
    #expect(limit.current == 5)
    for _ in 0..<100 { limit.answered(isOverloaded: false, begin: 0, now: 1) }
    #expect(limit.current == 8)
  }

  @Test("one round of complaints halves it once, and it never falls below one")
  func shrinks() {
    var limit = ConcurrencyLimit(maximum: 16)
    for _ in 0..<200 { limit.answered(isOverloaded: false, begin: 0, now: 1) }
    for _ in 0..<16 { limit.answered(isOverloaded: true, begin: 10, now: 20) }
    #expect(limit.current == 8)
    limit.answered(isOverloaded: true, begin: 21, now: 30)
    #expect(limit.current == 4)
    for round in 0..<20 as Range<UInt64> { limit.answered(isOverloaded: true, begin: 40 + round, now: 40 + round) }
    #expect(limit.current == 1)
  }

  @Test("with one at most it is one")
  func one() {
    var limit = ConcurrencyLimit(maximum: 1)
    limit.answered(isOverloaded: true, begin: 1, now: 2)
    limit.answered(isOverloaded: false, begin: 3, now: 4)
    #expect(limit.current == 1)
  }
}
