internal import CEvent
internal import Glibc
internal import Logging
internal import Synchronization

/// What the threads of one running server share.
final class StreamCore: Sendable {
  let configuration: StreamServerConfiguration
  let makeHandler: @Sendable (StreamConnection) -> any StreamHandler
  let logger: Logger
  let tls: TLSContext?
  let budget: InputBudget
  let loops: [StreamLoop]
  let open = Atomic(0)
  let accepted = Atomic(0)
  let refused = Atomic(0)
  let failedHandshakes = Atomic(0)
  private let nextID = Atomic<UInt64>(0)
  private let draining = Atomic(false)

  init(
    _ configuration: StreamServerConfiguration, logger: Logger,
    makeHandler: @escaping @Sendable (StreamConnection) -> any StreamHandler
  ) throws(StreamError) {
    self.configuration = configuration
    self.logger = logger
    self.makeHandler = makeHandler
    tls = if let tls = configuration.tls { try TLSContext(tls) } else { nil }
    budget = InputBudget(bytes: configuration.inputBytesInAll)
    var loops: [StreamLoop] = []
    for _ in 0..<max(1, configuration.threads) { loops.append(try StreamLoop()) }
    self.loops = loops
  }

  /// Starts every thread, or none.
  func start() throws(StreamError) {
    do {
      for loop in loops { try loop.start() }
    } catch {
      stopLoops()
      throw error
    }
  }

  /// Blocks until every thread has ended.
  func stopLoops() {
    // The first one accepts, and hands connections to the others: it goes first.
    for loop in loops { loop.stop() }
  }

  var isDraining: Bool { draining.load(ordering: .sequentiallyConsistent) }

  var statistics: StreamStatistics {
    StreamStatistics(
      open: open.load(ordering: .relaxed), accepted: accepted.load(ordering: .relaxed),
      refused: refused.load(ordering: .relaxed), failedHandshakes: failedHandshakes.load(ordering: .relaxed),
      unreadBytes: budget.used)
  }

  /// Takes a connection that the kernel has accepted, or closes it at once. On the first loop's thread.
  func adopt(_ descriptor: CInt, peer: (host: String, port: Int)) {
    guard !isDraining, open.load(ordering: .relaxed) < configuration.maximumConnections else {
      refused.add(1, ordering: .relaxed)
      close(descriptor)
      return
    }
    open.add(1, ordering: .relaxed)
    accepted.add(1, ordering: .relaxed)
    let id = nextID.wrappingAdd(1, ordering: .relaxed).newValue
    let loop = loops[Int(id % UInt64(loops.count))]
    loop.perform {
      let connection = StreamConnection(id: id, core: self, loop: loop, peer: peer)
      if self.isDraining || !connection.open(descriptor) {
        close(descriptor)
        self.open.subtract(1, ordering: .relaxed)
      }
    }
  }

  /// Tells every handler to come to an end.
  func startDraining() {
    draining.store(true, ordering: .sequentiallyConsistent)
    for loop in loops {
      loop.perform { for connection in Array(loop.connections.values) { connection.drain() } }
    }
  }

  func cutAll() {
    for loop in loops {
      loop.perform { for connection in Array(loop.connections.values) { connection.finish(.serverStopped) } }
    }
  }
}
