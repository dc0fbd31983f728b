internal import Synchronization

/// The bounded buffer between a writer, in a task, and the server's thread that sends.
final class BodyStream: Sendable {
  enum Piece {
    case bytes(Int)
    case end, broken, notYet
  }

  private struct State {
    var pending: [UInt8] = []
    var sent = 0
    var total = 0
    var isEnded = false
    var failure: HTTPError?
    var writers: [(id: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
    var nextWriter: UInt64 = 0

    var count: Int { pending.count - sent }
  }

  /// A writer waits while more than this is unsent: two full socket buffers are plenty on top of it.
  static let capacity = 64 * 1024

  let connection: HTTPConnection
  private let state = Mutex(State())

  init(_ connection: HTTPConnection) { self.connection = connection }

  var isClosed: Bool { state.withLock { $0.failure != nil || $0.isEnded } }
  var bytesSent: Int { state.withLock { $0.total } }

  func write(_ bytes: [UInt8]) async throws {
    try Task.checkCancellation()
    try state.withLock { state in
      if let failure = state.failure { throw failure }
      if state.pending.isEmpty { state.pending = bytes } else { state.pending += bytes }
    }
    connection.unpark()
    try await waitForRoom()
  }

  private func waitForRoom() async throws {
    let id = state.withLock { state in
      state.nextWriter += 1
      return state.nextWriter
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        let outcome: Result<Void, any Error>? = state.withLock { state in
          if let failure = state.failure { return .failure(failure) }
          if state.count <= BodyStream.capacity { return .success(()) }
          if Task.isCancelled { return .failure(CancellationError()) }
          state.writers.append((id, continuation))
          return nil
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      let writer = state.withLock { state in
        state.writers.firstIndex { $0.id == id }.map { state.writers.remove(at: $0).continuation }
      }
      writer?.resume(throwing: CancellationError())
    }
  }

  /// The writer has finished; the rest is sent, then the body ends.
  func end() {
    state.withLock { $0.isEnded = true }
    connection.unpark()
  }

  /// Nobody reads any more, or the writer broke off: what is unsent is dropped and writers are told.
  func fail(_ failure: HTTPError) {
    let writers = state.withLock { state in
      guard state.failure == nil else { return [CheckedContinuation<Void, any Error>]() }
      state.failure = failure
      state.pending = []
      state.sent = 0
      defer { state.writers = [] }
      return state.writers.map(\.continuation)
    }
    for writer in writers { writer.resume(throwing: failure) }
    connection.unpark()
  }

  /// Moves what is pending into the library's buffer. Called on the server's thread.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Piece {
    let (piece, writers) = state.withLock { state in
      let none: [CheckedContinuation<Void, any Error>] = []
      if state.failure != nil { return (Piece.broken, none) }
      guard state.count > 0 else { return (state.isEnded ? Piece.end : .notYet, none) }
      let count = min(buffer.count, state.count)
      state.pending.withUnsafeBytes { pending in
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: pending[state.sent..<state.sent + count]))
      }
      state.sent += count
      state.total += count
      if state.sent == state.pending.count {
        state.pending.removeAll(keepingCapacity: state.pending.capacity <= BodyStream.capacity)
        state.sent = 0
      } else if state.sent > BodyStream.capacity {
        state.pending.removeFirst(state.sent)
        state.sent = 0
      }
      guard state.count <= BodyStream.capacity else { return (.bytes(count), none) }
      defer { state.writers = [] }
      return (.bytes(count), state.writers.map(\.continuation))
    }
    for writer in writers { writer.resume() }
    return piece
  }
}
