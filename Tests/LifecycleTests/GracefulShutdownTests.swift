import Lifecycle
import Synchronization
import Testing

@Suite("GracefulShutdown", .timeLimit(.minutes(1)))
struct GracefulShutdownTests {
  let shutdown = GracefulShutdown()

  func asService<Value>(_ body: () async throws -> Value) async rethrows -> Value {
    try await GracefulShutdown.$current.withValue(shutdown) { try await body() }
  }

  @Test("a handler runs once, at once where the request was earlier, and not after its operation")
  func handlers() async {
    let calls = Atomic(0)
    await asService {
      await withGracefulShutdownHandler {
      } onGracefulShutdown: {
        calls.add(1, ordering: .relaxed)
      }
      await withGracefulShutdownHandler {
        shutdown.request()
        shutdown.request()
      } onGracefulShutdown: {
        calls.add(10, ordering: .relaxed)
      }
      await withGracefulShutdownHandler {
      } onGracefulShutdown: {
        calls.add(100, ordering: .relaxed)
      }
    }
    #expect(calls.load(ordering: .relaxed) == 110)
    #expect(shutdown.isRequested)
  }

  @Test("waiting ends with the request, and with a cancellation")
  func waiting() async {
    let task = Task { [shutdown] in await shutdown.wait() }
    task.cancel()
    await task.value
    #expect(!shutdown.isRequested)
    let other = Task { [shutdown] in await shutdown.wait() }
    shutdown.request()
    await other.value
    await shutdown.wait()
  }

  @Test("child tasks share the wish of their service")
  func inherited() async {
    shutdown.request()
    await asService {
      async let isRequested = GracefulShutdown.current.isRequested
      #expect(await isRequested)
    }
    #expect(!GracefulShutdown.current.isRequested)
  }

  @Test("an operation is cancelled by the request, and its result passes otherwise")
  func cancelWhen() async throws {
    let value = try await asService { try await cancelWhenGracefulShutdown { 42 } }
    #expect(value == 42)
    shutdown.request()
    await #expect(throws: CancellationError.self) {
      try await asService { try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(3600)) } }
    }
    let optional = try await asService { try await cancelWhenGracefulShutdown { Int?.none } }
    #expect(optional == nil)
  }

  @Test("a sleep tells whether it was whole")
  func sleeping() async {
    #expect(await asService { await sleepUntilGracefulShutdown(.milliseconds(1)) })
    shutdown.request()
    #expect(await asService { await sleepUntilGracefulShutdown(.seconds(3600)) } == false)
  }

  @Test("a sequence ends at the request: between elements, and while it waits")
  func sequence() async throws {
    let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
    for number in 1...5 { continuation.yield(number) }
    var seen: [Int] = []
    try await asService {
      for try await number in stream.cancelOnGracefulShutdown() {
        seen.append(number)
        if number == 3 { shutdown.request() }
      }
    }
    #expect(seen == [1, 2, 3])

    let other = GracefulShutdown()
    let (silent, _) = AsyncStream.makeStream(of: Int.self)
    let task = Task {
      try await GracefulShutdown.$current.withValue(other) {
        for try await _ in silent.cancelOnGracefulShutdown() { Issue.record("there is no element") }
      }
    }
    other.request()
    try await task.value
  }

  @Test("a sequence passes all elements, its end and its errors")
  func passing() async throws {
    struct Failure: Error {}
    var seen: [Int] = []
    let stream = AsyncThrowingStream<Int, any Error> { continuation in
      continuation.yield(1)
      continuation.yield(2)
      continuation.finish(throwing: Failure())
    }
    await #expect(throws: Failure.self) {
      try await asService { for try await number in stream.cancelOnGracefulShutdown() { seen.append(number) } }
    }
    #expect(seen == [1, 2])
    let ended = AsyncStream<Int> { $0.finish() }
    try await asService { for try await _ in ended.cancelOnGracefulShutdown() { Issue.record("there is no element") } }
  }
}
