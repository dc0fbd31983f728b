internal import Blocking
internal import Cryptography
internal import Synchronization

/// Hashes passwords on threads of its own, so many at a time, and no more waiting than can be served in time.
final class PasswordHasher: Sendable {
  private let workers: [PasswordWorker]
  private let waiting = Atomic<Int>(0)
  private let turn = Atomic<Int>(0)
  private let parameters: ScryptParameters
  /// Verified against when there is no such account, so that the answer takes as long.
  private let decoy: String

  /// Who waits longer than this many hashes is turned away.
  private static let mostWaiting = 32

  /// - Parameter parameters: of new hashes; tests take cheaper ones.
  init(parameters: ScryptParameters = .interactive, concurrency: Int = 2) {
    workers = (0..<concurrency).map { PasswordWorker(number: $0) }
    self.parameters = parameters
    decoy = PasswordHash(password: "", parameters: parameters).encoded
  }

  func hash(_ password: String) async throws -> String {
    let parameters = parameters
    return try await run { $0.hash(password, parameters: parameters) }
  }

  /// - Parameter hash: as stored; nil when there is no such account: that takes as long and is never right.
  func verify(_ password: String, _ hash: String?) async throws -> Bool {
    let encoded = hash ?? decoy
    return try await run { $0.verify(password, encoded) } && hash != nil
  }

  private func run<Result: Sendable>(
    _ work: @Sendable (isolated PasswordWorker) -> Result
  ) async throws -> Result {
    defer { waiting.subtract(1, ordering: .relaxed) }
    guard waiting.add(1, ordering: .relaxed).newValue <= PasswordHasher.mostWaiting else {
      throw MarketError(
        .unavailable, "Too many people sign in at this moment. Try again in a few seconds.", retryAfter: 5)
    }
    let index = turn.wrappingAdd(1, ordering: .relaxed).oldValue
    return await work(workers[Int(UInt(bitPattern: index) % UInt(workers.count))])
  }
}

private actor PasswordWorker {
  private nonisolated let executor: BlockingExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(number: Int) { executor = BlockingExecutor(label: "market.password.\(number)") }

  func hash(_ password: String, parameters: ScryptParameters) -> String {
    PasswordHash(password: password, parameters: parameters).encoded
  }

  func verify(_ password: String, _ encoded: String) -> Bool {
    PasswordHash(encoded: encoded)?.verify(password) ?? false
  }
}
