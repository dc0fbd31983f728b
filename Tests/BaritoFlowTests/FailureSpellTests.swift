import Testing

@testable import BaritoFlow

@Suite struct FailureSpellTests {
  private let second: UInt64 = 1_000_000_000

  /// What is said at each of these moments.
  private func said(_ moments: [UInt64]) -> [Bool] {
    var spell = FailureSpell()
    return moments.map { spell.failed(now: $0) }
  }

  @Test("failures are lasting when there are many of them and they have gone on for long")
  func lasting() {
    let many = Array(repeating: second, count: 100)
    #expect(!said(many).contains(true), "all of one moment")
    #expect(said(many + [FailureSpell.length, second + FailureSpell.length]).suffix(2) == [false, true])
    #expect(said((0..<7).map { $0 * FailureSpell.length }) == [false, false, false, false, false, true, true])
  }

  @Test("two failures far apart are not one spell")
  func gap() {
    let many = [UInt64](repeating: 0, count: 10)
    #expect(!said(many + [FailureSpell.gap + second, FailureSpell.gap + 2 * second]).contains(true))
  }
}
