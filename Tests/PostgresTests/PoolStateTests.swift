import Testing

@testable import Postgres

@Suite struct PoolStateTests {
  private let gone = PostgresError(.connectionFailed, "gone")

  private func shape(_ request: PoolState<Int>.Request) -> String {
    switch request {
    case .lease(let connection): "lease \(connection)"
    case .open: "open"
    case .wait(let ticket): "wait \(ticket)"
    case .refuse(let error): "refuse \(error.code)"
    }
  }

  private func shape(_ settlements: [PoolState<Int>.Settlement]) -> [String] {
    settlements.map {
      switch $0.grant {
      case .lease(let connection): "\($0.ticket): lease \(connection)"
      case .open: "\($0.ticket): open"
      case .refuse(let error): "\($0.ticket): refuse \(error.code)"
      }
    }
  }

  @Test("connections are opened up to the limit, then one waits")
  func limit() {
    var pool = PoolState<Int>(limit: 2)
    #expect(shape(pool.request(now: .zero)) == "open")
    #expect(shape(pool.request(now: .zero)) == "open")
    #expect(shape(pool.request(now: .zero)) == "wait 1")
    #expect(pool.opened() == true)
    #expect(shape(pool.request(now: .zero)) == "wait 2")
    #expect((pool.leased, pool.opening, pool.waiting) == (1, 1, [1, 2]))
  }

  @Test("who waits longest gets the connection that comes back, the last returned is reused first")
  func order() {
    var pool = PoolState<Int>(limit: 2)
    for _ in 0..<4 { _ = pool.request(now: .zero) }
    _ = pool.opened()
    _ = pool.opened()
    #expect(shape(pool.returned(10).settlements) == ["1: lease 10"])
    #expect(shape(pool.returned(20).settlements) == ["2: lease 20"])
    #expect(pool.returned(10).keep)
    #expect(pool.returned(20).keep)
    #expect(shape(pool.request(now: .zero)) == "lease 20")
    #expect(shape(pool.request(now: .zero)) == "lease 10")
  }

  @Test("a broken connection makes room for who waits")
  func broken() {
    var pool = PoolState<Int>(limit: 1)
    _ = pool.request(now: .zero)
    _ = pool.opened()
    _ = pool.request(now: .zero)
    #expect(shape(pool.returned(nil).settlements) == ["1: open"])
    #expect((pool.leased, pool.opening, pool.waiting) == (0, 1, []))
  }

  @Test("after a failure others are refused for a growing while, and a success ends it")
  func pause() {
    var pool = PoolState<Int>(limit: 1)
    var now = Duration.zero
    for pause in [50, 100, 200, 400, 800, 1000, 1000, 1000] {
      #expect(shape(pool.request(now: now)) == "open")
      #expect(shape(pool.openFailed(gone, now: now)) == [])
      #expect(shape(pool.request(now: now + .milliseconds(pause - 1))) == "refuse connectionFailed")
      now += .milliseconds(pause)
    }
    #expect(shape(pool.request(now: now)) == "open")
    #expect(pool.opened() == true)
    _ = pool.returned(nil)
    #expect(shape(pool.request(now: now)) == "open")
    _ = pool.openFailed(gone, now: now)
    #expect(shape(pool.request(now: now + .milliseconds(50))) == "open")
  }

  @Test("a failure refuses all who wait when nobody holds a connection, and none when somebody does")
  func failureWhileWaiting() {
    var pool = PoolState<Int>(limit: 2)
    _ = pool.request(now: .zero)
    _ = pool.opened()
    _ = pool.request(now: .zero)
    #expect(shape(pool.request(now: .zero)) == "wait 1")
    #expect(shape(pool.openFailed(gone, now: .zero)) == [])
    #expect(shape(pool.request(now: .zero)) == "wait 2")
    #expect(shape(pool.returned(nil).settlements) == ["1: open"])
    #expect(shape(pool.openFailed(gone, now: .zero)) == ["2: refuse connectionFailed"])
    #expect(pool.waiting == [])
  }

  @Test("a cancelled attempt hands its slot on")
  func cancelledOpening() {
    var pool = PoolState<Int>(limit: 1)
    _ = pool.request(now: .zero)
    _ = pool.request(now: .zero)
    #expect(shape(pool.openCancelled()) == ["1: open"])
    #expect(shape(pool.openCancelled()) == [])
    #expect(shape(pool.request(now: .zero)) == "open")
  }

  @Test("a ticket is settled once")
  func abandon() {
    var pool = PoolState<Int>(limit: 1)
    _ = pool.request(now: .zero)
    _ = pool.opened()
    _ = pool.request(now: .zero)
    _ = pool.request(now: .zero)
    #expect(pool.abandon(ticket: 1) == true)
    #expect(pool.abandon(ticket: 1) == false)
    #expect(shape(pool.returned(10).settlements) == ["2: lease 10"])
    #expect(pool.abandon(ticket: 2) == false)
  }

  @Test("a closed pool refuses everybody and keeps nothing")
  func close() {
    var pool = PoolState<Int>(limit: 3)
    for _ in 0..<3 { _ = pool.request(now: .zero) }
    _ = pool.opened()
    _ = pool.opened()
    _ = pool.returned(10)
    _ = pool.request(now: .zero)
    _ = pool.request(now: .zero)
    let (settlements, connections) = pool.close()
    #expect(shape(settlements) == ["1: refuse closed"])
    #expect(connections == [])
    #expect(!pool.returned(10).keep)
    #expect(pool.opened() == false)
    #expect(shape(pool.request(now: .zero)) == "refuse closed")
    #expect((pool.idle, pool.opening) == ([], 0))
  }
}
