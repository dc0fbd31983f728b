import Dispatch
import Glibc
import Logging
import Synchronization
import Testing

@testable import Lifecycle

/// What happened, in order.
private final class Journal: Sendable {
  private let lines = Mutex<[String]>([])
  func note(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}

/// Waits until it is asked to end, and notes when.
private func waiting(_ name: String, _ journal: Journal) -> ServiceGroup.Member {
  .init(
    name,
    ServiceOf {
      journal.note("\(name) started")
      await GracefulShutdown.current.wait()
      journal.note("\(name) stopped")
    })
}

private struct Failure: Error, Equatable {
  var name = "failure"
}

/// Waits for a condition; the suite's time limit ends a test that waits in vain.
private func until(_ condition: @Sendable () -> Bool) async {
  while !condition() { await Task.yield() }
}

@Suite("ServiceGroup", .timeLimit(.minutes(1)))
struct ServiceGroupTests {
  private let journal = Journal()
  let sink = RecordingSink()
  var logger: Logger { Logger(sink, level: .trace) }

  @Test("services end in reverse order, after the hooks, each awaited before the next")
  func order() async throws {
    let group = ServiceGroup(
      services: [waiting("a", journal), waiting("b", journal), waiting("c", journal)], logger: logger,
      onShutdown: [{ [journal] in journal.note("hook") }])
    async let run: Void = group.run()
    await until { [journal] in journal.all.count == 3 }
    #expect(!group.isShuttingDown)
    group.trigger()
    try await run
    #expect(group.isShuttingDown)
    #expect(Array(journal.all.dropFirst(3)) == ["hook", "c stopped", "b stopped", "a stopped"])
    let stops = sink.events.filter { $0.message == "service stopped" }
    #expect(stops.map { $0.metadata["service"] } == ["c", "b", "a"])
    #expect(stops.allSatisfy { $0.metadata["duration"] != nil })
  }

  @Test("an error of one service ends the others and is thrown")
  func failure() async throws {
    let group = ServiceGroup(
      services: [waiting("a", journal), .init("bad", ServiceOf { throw Failure() }), waiting("c", journal)],
      logger: logger)
    await #expect(throws: Failure()) { try await group.run() }
    #expect(Array(journal.all.suffix(2)) == ["c stopped", "a stopped"])
    #expect(sink.events.contains { $0.message == "service failed" && $0.metadata["service"] == "bad" })
  }

  @Test("a service that returns early ends the others and is named")
  func early() async throws {
    let group = ServiceGroup(services: [waiting("a", journal), .init("brief", ServiceOf {})], logger: logger)
    await #expect(throws: ServiceGroupError(code: .endedEarly, services: ["brief"])) { try await group.run() }
    #expect(journal.all == ["a started", "a stopped"])
  }

  @Test("an error during the shutdown does not keep the others from ending in order")
  func failureWhileStopping() async throws {
    let bad = ServiceGroup.Member(
      "bad",
      ServiceOf {
        await GracefulShutdown.current.wait()
        throw Failure()
      })
    let group = ServiceGroup(services: [waiting("a", journal), bad], logger: logger)
    group.trigger()
    await #expect(throws: Failure()) { try await group.run() }
    #expect(journal.all == ["a started", "a stopped"])
  }

  @Test("the first error is the one that is thrown")
  func firstFailure() async throws {
    let second = ServiceGroup.Member(
      "second",
      ServiceOf {
        await GracefulShutdown.current.wait()
        throw Failure(name: "second")
      })
    let group = ServiceGroup(
      services: [second, .init("first", ServiceOf { throw Failure(name: "first") })], logger: logger)
    await #expect(throws: Failure(name: "first")) { try await group.run() }
  }

  @Test("a service that outlives the grace period is cancelled and named")
  func deadline() async throws {
    let stubborn = ServiceGroup.Member("stubborn", ServiceOf { try await Task.sleep(for: .seconds(3600)) })
    let group = ServiceGroup(
      services: [waiting("a", journal), stubborn], gracePeriod: .milliseconds(50), logger: logger,
      onStuck: { Issue.record("nothing was stuck") })
    group.trigger()
    await #expect(throws: ServiceGroupError(code: .graceExceeded, services: ["a", "stubborn"])) {
      try await group.run()
    }
    #expect(journal.all == ["a started", "a stopped"])
    #expect(sink.messages(atLeast: .warning).contains("grace period is over, cancelling what still runs"))
  }

  @Test("a service that ignores even its cancellation has the process ended")
  func stuck() async throws {
    let gate = GracefulShutdown()
    let deaf = ServiceOf {
      // Blocks whatever happens to the task, as C code would; a thread of its own, not to block the other tests.
      await withCheckedContinuation { continuation in
        _ = gate.add { continuation.resume() }
      }
    }
    let ended = Atomic(0)
    let group = ServiceGroup(
      services: [.init("deaf", deaf)], gracePeriod: .milliseconds(20), cancellationPeriod: .milliseconds(20),
      logger: logger,
      onStuck: {
        ended.add(1, ordering: .relaxed)
        gate.request()
      })
    group.trigger()
    await #expect(throws: ServiceGroupError.self) { try await group.run() }
    #expect(ended.load(ordering: .relaxed) == 1)
  }

  @Test("a worker that ends by cancellation after it was asked has not failed")
  func cancelledWorker() async throws {
    let worker = ServiceOf { try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(3600)) } }
    let group = ServiceGroup(services: [.init("worker", worker)], logger: logger)
    group.trigger()
    try await group.run()
    #expect(sink.messages(atLeast: .warning) == [])
  }

  @Test("cancelling the task that runs the group ends its services")
  func cancelledGroup() async throws {
    let group = ServiceGroup(services: [waiting("a", journal)], logger: logger)
    let task = Task { try await group.run() }
    await until { [journal] in journal.all.count == 1 }
    task.cancel()
    await #expect(throws: (any Error).self) { try await task.value }
    #expect(journal.all == ["a started", "a stopped"])
  }

  @Test("the drain delay is over before the first service is told")
  func drainDelay() async throws {
    let clock = ContinuousClock()
    let told = Mutex<ContinuousClock.Instant?>(nil)
    let hooked = Mutex<ContinuousClock.Instant?>(nil)
    let service = ServiceOf {
      await GracefulShutdown.current.wait()
      told.withLock { $0 = clock.now }
    }
    let group = ServiceGroup(
      services: [.init("a", service)], drainDelay: .milliseconds(50), logger: logger,
      onShutdown: [{ hooked.withLock { $0 = clock.now } }])
    group.trigger()
    try await group.run()
    let start = try #require(hooked.withLock { $0 })
    #expect(try #require(told.withLock { $0 }) - start >= .milliseconds(50))
  }

  @Test("the first signal begins the end, the next ones end it at once")
  func signals() async throws {
    let first = Atomic(0)
    let second = Mutex<[Int32]>([])
    let signals = ShutdownSignals(
      [SIGUSR2], onFirst: { first.add(1, ordering: .relaxed) },
      onSecond: { signal in second.withLock { $0.append(signal) } })
    kill(getpid(), SIGUSR2)
    await until { first.load(ordering: .relaxed) == 1 }
    #expect(second.withLock { $0 } == [])
    kill(getpid(), SIGUSR2)
    await until { !second.withLock { $0.isEmpty } }
    #expect(first.load(ordering: .relaxed) == 1)
    #expect(second.withLock { $0 } == [SIGUSR2])
    signals.cancel()
  }

  @Test("SIGTERM ends a group gracefully, with status 0")
  func terminated() async {
    await #expect(processExitsWith: .success) {
      let member = ServiceGroup.Member(
        "a",
        ServiceOf {
          kill(getpid(), SIGTERM)
          await GracefulShutdown.current.wait()
        })
      try await ServiceGroup(services: [member], logger: .silent).runUntilSignalled()
    }
  }

  @Test("a second SIGINT ends the process with 130 though a service hangs")
  func interruptedTwice() async {
    await #expect(processExitsWith: .exitCode(130)) {
      let member = ServiceGroup.Member(
        "a",
        ServiceOf {
          kill(getpid(), SIGINT)
          await GracefulShutdown.current.wait()
          kill(getpid(), SIGINT)
          await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            DispatchQueue(label: "much later").asyncAfter(deadline: .now() + 3600) { continuation.resume() }
          }
        })
      try await ServiceGroup(services: [member], logger: .silent).runUntilSignalled()
    }
  }
}
