import Testing

@testable import Streams

@Suite struct InputSharesTests {
  @Test("below the limit everybody reads")
  func room() {
    var shares = InputShares(limit: 100)
    #expect(shares.settle(1, from: 0, to: 50, isWaitingForMore: true).verdict == .free)
    #expect(shares.settle(2, from: 0, to: 50, isWaitingForMore: true).verdict == .free)
    #expect(shares.used == 100)
  }

  @Test("above the limit the first one has the turn and the others wait")
  func turn() {
    var shares = InputShares(limit: 100)
    _ = shares.settle(1, from: 0, to: 60, isWaitingForMore: true)
    #expect(shares.settle(2, from: 0, to: 60, isWaitingForMore: true).verdict == .turn)
    #expect(shares.settle(1, from: 60, to: 70, isWaitingForMore: true).verdict == .wait)
    #expect(shares.settle(2, from: 60, to: 90, isWaitingForMore: true).verdict == .turn)
  }

  @Test("the turn goes on to the one that has waited longest")
  func passesOn() {
    var shares = InputShares(limit: 10)
    #expect(shares.settle(1, from: 0, to: 20, isWaitingForMore: true).verdict == .turn)
    #expect(shares.settle(2, from: 0, to: 20, isWaitingForMore: true).verdict == .wait)
    #expect(shares.settle(3, from: 0, to: 20, isWaitingForMore: true).verdict == .wait)
    // It has consumed some and wants more.
    let result = shares.settle(1, from: 20, to: 5, isWaitingForMore: true)
    #expect(result.verdict == .wait)
    #expect(result.woken == [2])
    let end = shares.settle(2, from: 20, to: 0, isWaitingForMore: false)
    #expect(end.verdict == .free)
    #expect(end.woken == [3])
  }

  @Test("when there is room again all that waited are told")
  func wakes() {
    var shares = InputShares(limit: 50)
    _ = shares.settle(1, from: 0, to: 40, isWaitingForMore: true)
    #expect(shares.settle(2, from: 0, to: 20, isWaitingForMore: true).verdict == .turn)
    #expect(shares.settle(3, from: 0, to: 5, isWaitingForMore: true).verdict == .wait)
    #expect(shares.settle(4, from: 0, to: 5, isWaitingForMore: true).verdict == .wait)
    let result = shares.settle(2, from: 20, to: 0, isWaitingForMore: false)
    #expect(result.verdict == .free)
    #expect(result.woken == [3, 4])
  }

  @Test("one that holds nothing, or is paused by its handler, neither waits nor takes the turn")
  func bystanders() {
    var shares = InputShares(limit: 10)
    #expect(shares.settle(1, from: 0, to: 20, isWaitingForMore: false).verdict == .free)
    #expect(shares.settle(2, from: 0, to: 0, isWaitingForMore: true).verdict == .free)
    #expect(shares.settle(3, from: 0, to: 1, isWaitingForMore: true).verdict == .turn)
  }

  @Test("one that closes while it waits is not woken")
  func leaves() {
    var shares = InputShares(limit: 10)
    _ = shares.settle(1, from: 0, to: 20, isWaitingForMore: true)
    _ = shares.settle(2, from: 0, to: 20, isWaitingForMore: true)
    _ = shares.settle(2, from: 20, to: 0, isWaitingForMore: false)
    #expect(shares.settle(1, from: 20, to: 0, isWaitingForMore: false).woken == [])
  }
}

@Suite struct StreamDeadlinesTests {
  private func deadlines() -> StreamDeadlines {
    var configuration = StreamServerConfiguration(address: ":0")
    configuration.handshakeTimeout = .nanoseconds(100)
    configuration.idleTimeout = .nanoseconds(1000)
    configuration.outputTimeout = .nanoseconds(300)
    return StreamDeadlines(configuration, now: 0)
  }

  @Test("the first byte has a deadline, later ones the idle one")
  func input() {
    var deadlines = deadlines()
    #expect(deadlines.next(after: 0) == 100)
    #expect(deadlines.missed(at: 100) == .handshakeTimeout)
    deadlines.hasBegun = true
    deadlines.inputAt = 90
    #expect(deadlines.next(after: 90) == 1090)
    #expect(deadlines.missed(at: 1089) == nil)
    #expect(deadlines.missed(at: 1090) == .idle)
  }

  @Test("taking bytes is no silence")
  func output() {
    var deadlines = deadlines()
    deadlines.hasBegun = true
    deadlines.outputAt = 800
    #expect(deadlines.missed(at: 1700) == nil)
    deadlines.isWriting = true
    #expect(deadlines.next(after: 800) == 1100)
    #expect(deadlines.missed(at: 1100) == .outputTimeout)
  }

  @Test("a connection that is not read from is not silent, but looked at")
  func paused() {
    var deadlines = deadlines()
    deadlines.isReading = false
    #expect(deadlines.missed(at: 1_000_000) == nil)
    #expect(deadlines.next(after: 7) == 7 + StreamDeadlines.probe)
  }

  @Test("a turn has an end")
  func turn() {
    var deadlines = deadlines()
    deadlines.isReading = false
    deadlines.turnAt = 50
    #expect(deadlines.missed(at: 50 + StreamDeadlines.turn) == .inputShortage)
  }
}
