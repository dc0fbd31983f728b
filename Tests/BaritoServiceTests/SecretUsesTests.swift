import BaritoCore
import Testing

@testable import BaritoService

@Suite struct SecretUsesTests {
  /// Secrets that share a place: only the first byte differs.
  private func neighbours(_ count: UInt8) throws -> [SecretHash] {
    try (1...count).map { try #require(SecretHash(bytes: [$0] + [UInt8](repeating: 0, count: 31))) }
  }

  @Test("a secret that is used all the time is noted once in a round, and the clock is looked at once")
  func onceInARound() {
    let (uses, secret) = (SecretUses(), SecretHash(of: "a"))
    var looks = 0
    func now() -> Int64 {
      looks += 1
      return 100
    }
    for _ in 0..<10 { uses.note(secret, at: now()) }
    #expect(uses.take(now: 200) == [SecretUse(secret, at: 100)])
    uses.note(secret, at: now())
    #expect(uses.take(now: SecretUses.round) == [])
    #expect(looks == 1)
    uses.note(secret, at: SecretUses.round + 1)
    #expect(uses.take(now: SecretUses.round + 2) == [SecretUse(secret, at: SecretUses.round + 1)])
  }

  @Test("a clock that goes back begins a round too")
  func clockBack() {
    let (uses, secret) = (SecretUses(), SecretHash(of: "a"))
    _ = uses.take(now: 10 * SecretUses.round)
    uses.note(secret, at: 10 * SecretUses.round)
    _ = uses.take(now: 5 * SecretUses.round)
    uses.note(secret, at: 5 * SecretUses.round)
    #expect(uses.take(now: 5 * SecretUses.round) == [SecretUse(secret, at: 5 * SecretUses.round)])
  }

  @Test("secrets that share a place are all noted, each with its newest time")
  func sharedPlace() throws {
    let (uses, secrets) = (SecretUses(), try neighbours(3))
    for at in 1...5 { for secret in secrets { uses.note(secret, at: Int64(at)) } }
    let taken = uses.take(now: 10)
    #expect(taken.count == 3)
    #expect(secrets.allSatisfy { taken.contains(SecretUse($0, at: 5)) })
  }

  @Test("what could not be told goes with the next report, unless there is a newer time")
  func putBack() {
    let uses = SecretUses()
    let (a, b) = (SecretHash(of: "a"), SecretHash(of: "b"))
    for secret in [a, b] { uses.note(secret, at: 100) }
    let taken = uses.take(now: SecretUses.round)
    uses.note(a, at: SecretUses.round + 1)
    uses.putBack(taken)
    let all = uses.take(now: SecretUses.round + 2)
    #expect(all.count == 2)
    #expect(all.contains(SecretUse(a, at: SecretUses.round + 1)) && all.contains(SecretUse(b, at: 100)))
    #expect(uses.take(now: SecretUses.round + 3) == [])
  }

  @Test("any number of threads lose no secret")
  func threads() async {
    let uses = SecretUses()
    let secrets = (0..<100).map { SecretHash(of: "\($0)") }
    await withDiscardingTaskGroup { group in
      for _ in 0..<8 {
        group.addTask { for _ in 0..<20 { for secret in secrets { uses.note(secret, at: 1) } } }
      }
    }
    #expect(Set(uses.take(now: 2).map(\.secret)) == Set(secrets))
  }
}
