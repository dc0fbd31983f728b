internal import Cryptography
internal import Dispatch
internal import Synchronization

/// Hashes passwords on threads of its own, so many at a time, and no more waiting than can be served in time.
final class PasswordHasher: Sendable {
  /// Serial queues: each has a thread that is not of the pool that requests run on.
  private let threads: [DispatchQueue]
  private let waiting = Atomic<Int>(0)
  private let turn = Atomic<Int>(0)
  private let parameters: ScryptParameters
  /// Verified against when there is no such account, so that the answer takes as long.
  private let decoy: String

  /// Who would wait for more than this many hashes is turned away.
  private static let mostWaiting = 32

  /// - Parameters:
  ///   - parameters: of new hashes; tests take cheaper ones.
  ///   - concurrency: how many hashes at once; each takes a core and 32 MiB.
  init(parameters: ScryptParameters = .interactive, concurrency: Int = 2) {
    threads = (0..<concurrency).map { DispatchQueue(label: "market.password.\($0)") }
    self.parameters = parameters
    decoy = PasswordHash(password: "", parameters: parameters).encoded
  }

  func hash(_ password: String) async throws -> String {
    let parameters = parameters
    return try await run { PasswordHash(password: password, parameters: parameters).encoded }
  }

  /// - Parameter hash: as stored; nil when there is no such account: that takes as long and is never right.
  func verify(_ password: String, _ hash: String?) async throws -> Bool {
    let encoded = hash ?? decoy
    return try await run { PasswordHash(encoded: encoded)?.verify(password) ?? false } && hash != nil
  }

  private func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async throws -> Result {
    defer { waiting.subtract(1, ordering: .relaxed) }
    guard waiting.add(1, ordering: .relaxed).newValue <= PasswordHasher.mostWaiting else {
      throw MarketError(
        .unavailable, "Too many people sign in at this moment. Try again in a few seconds.", retryAfter: 5)
    }
    let index = UInt(bitPattern: turn.wrappingAdd(1, ordering: .relaxed).oldValue) % UInt(threads.count)
    return await withCheckedContinuation { continuation in
      threads[Int(index)].async { continuation.resume(returning: work()) }
    }
  }
}
