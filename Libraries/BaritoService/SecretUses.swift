public import BaritoCore
import Synchronization

/// Which secrets let senders in, and when, until the reporter takes it away.
///
/// `note` stands in the way of every request, and nearly always the secret was noted moments ago: then it reads two
/// words that nobody writes meanwhile, without a lock, a look at the clock, or memory. A secret is noted once in a round, so
/// its time is behind by the length of one at most.
public final class SecretUses: Sendable {
  /// The length of a round in milliseconds.
  static let round: Int64 = 15_000
  /// Marks, a power of two; 256 KiB in all. Secrets that share one take turns in it and are noted more often, no more than
  /// that; of 2,000 secrets 6 % share one.
  private static let places = 32_768
  /// The bits of a mark that say in which round it was set; the others are those of the secret's hash.
  private static let roundBits: UInt64 = 0xFFFF

  private let marks = InlineArray<32_768, Atomic<UInt64>> { _ in Atomic(0) }
  private let current = Atomic<UInt64>(0)
  /// What was not taken yet. What is told is forgotten, so nothing is kept of a secret that is not used.
  private let times = Mutex<[SecretHash: Int64]>([:])

  public init() {}

  /// A secret let a sender in.
  /// - Parameter now: milliseconds since 1970; asked for when the secret was not noted in this round yet.
  public func note(_ secret: SecretHash, at now: @autoclosure () -> Int64) {
    let word = secret.firstWord
    let place = Int(truncatingIfNeeded: word) & (SecretUses.places - 1)
    let mark = word & ~SecretUses.roundBits | current.load(ordering: .relaxed)
    guard marks[place].load(ordering: .relaxed) != mark else { return }
    marks[place].store(mark, ordering: .relaxed)
    putBack(CollectionOfOne(SecretUse(secret, at: now())))
  }

  /// Takes all times out, and begins a new round when it is time to.
  /// - Parameter now: milliseconds since 1970.
  func take(now: Int64) -> [SecretUse] {
    current.store(UInt64(bitPattern: now / SecretUses.round) & SecretUses.roundBits, ordering: .relaxed)
    let taken = times.withLock { times in
      defer { times = [:] }
      return times
    }
    return taken.map { SecretUse($0, at: $1) }
  }

  /// Puts times back that could not be reported, unless there are newer ones.
  func putBack(_ uses: some Sequence<SecretUse>) {
    times.withLock { times in
      for use in uses { times[use.secret] = max(times[use.secret] ?? use.at, use.at) }
    }
  }
}
