import Synchronization

/// A fixed number of clients, lent to one request each. All of them share a configuration.
public final class CurlPool: Sendable {
  private let state: Mutex<LeaseState<CurlClient>>
  private let maximumWait: Duration

  /// - Parameters:
  ///   - clients: how many requests may be under way at once; a thread and some connections each.
  ///   - maximumWait: how long a request may wait for a client before it fails as `busy`.
  public init(
    clients: Int, maximumWait: Duration = .seconds(10), configuration: CurlConfiguration = CurlConfiguration()
  ) {
    precondition(clients > 0, "a pool needs at least one client")
    self.maximumWait = maximumWait
    self.state = Mutex(LeaseState((0..<clients).map { _ in CurlClient(configuration) }))
  }

  /// Sends a request with the first client that is free.
  public func perform(_ request: CurlRequest) async throws(CurlError) -> CurlResponse {
    let client = try await lease()
    defer { giveBack(client) }
    return try await client.perform(request)
  }

  /// Lends a client for as long as the body runs, for streams and for requests that belong together.
  public func withClient<Value>(_ body: (CurlClient) async throws -> Value) async throws -> Value {
    let client = try await lease()
    defer { giveBack(client) }
    return try await body(client)
  }

  private func lease() async throws(CurlError) -> CurlClient {
    let request = state.withLock { $0.request() }
    guard case .wait(let ticket) = request else {
      guard case .granted(let client) = request else { throw busy }
      return client
    }
    // Ended when this function returns.
    async let _ = expire(ticket)
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let settled = state.withLock { $0.await(ticket, continuation) }
        if let settled { continuation.resume(returning: settled) }
      }
    } onCancel: {
      settle(ticket, .cancelled)
    }
    switch outcome {
    case .granted(let client): return client
    case .expired: throw busy
    case .cancelled: throw CurlError(.aborted, .reject, "cancelled while waiting for a free HTTP client")
    }
  }

  private func expire(_ ticket: Int) async {
    do { try await Task.sleep(for: maximumWait) } catch { return }
    settle(ticket, .expired)
  }

  private func settle(_ ticket: Int, _ outcome: LeaseOutcome<CurlClient>) {
    state.withLock { $0.abandon(ticket, outcome) }?.resume(returning: outcome)
  }

  private func giveBack(_ client: CurlClient) {
    state.withLock { $0.giveBack(client) }?.resume(returning: .granted(client))
  }

  private var busy: CurlError {
    CurlError(
      .busy, .retry,
      "no HTTP client was free within \(maximumWait): the server is slow, or the pool is too small for the load")
  }
}
