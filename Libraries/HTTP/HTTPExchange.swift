internal import Synchronization

/// One request that waits for its answer: respond exactly once, from any thread.
public final class HTTPExchange: Sendable {
  private struct State {
    var response: HTTPResponse?
    var isAnswered = false
    var isOver = false
    var continuation: CheckedContinuation<HTTPResponse, Never>?
  }

  private let connection: HTTPConnection?
  private let state: Mutex<State>

  init(_ connection: HTTPConnection) {
    self.connection = connection
    self.state = Mutex(State())
  }

  /// An exchange without a connection, for routes that are called without a socket.
  init(_ continuation: CheckedContinuation<HTTPResponse, Never>) {
    self.connection = nil
    self.state = Mutex(State(continuation: continuation))
  }

  /// Answers the request. The first call counts; later ones are ignored.
  ///
  /// - Returns: whether this call was the one.
  @discardableResult
  public func respond(_ response: HTTPResponse) -> Bool {
    let (isFirst, continuation) = state.withLock { state in
      guard !state.isAnswered else { return (false, nil as CheckedContinuation<HTTPResponse, Never>?) }
      state.isAnswered = true
      if !state.isOver { state.response = response }
      defer { state.continuation = nil }
      return (true, state.continuation)
    }
    guard isFirst else { return false }
    continuation?.resume(returning: response)
    connection?.unpark()
    return true
  }

  /// Whether the client has closed its end, as far as the kernel knows at this moment.
  public var clientHasLeft: Bool {
    if state.withLock({ $0.isOver }) { return true }
    return connection?.isHungUp ?? false
  }

  /// Takes the answer out; nil as long as there is none.
  func take() -> HTTPResponse? {
    state.withLock { state in
      defer { state.response = nil }
      return state.response
    }
  }

  /// The connection has gone on or ended: answers have no effect any more.
  func finish() {
    state.withLock { state in
      state.isOver = true
      state.response = nil
    }
  }
}
