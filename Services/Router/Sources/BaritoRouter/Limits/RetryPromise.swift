/// What a refused batch was told: at this time it is taken, whatever else comes.
///
/// Its size is set aside in the app's purses when it is given, so everything that comes after stands behind it.
struct RetryPromise: Sendable {
  /// Nanoseconds after which it may lapse: it is kept so long for a sender that comes back late.
  static let patience: UInt64 = 10_000_000_000
  /// Nanoseconds after which a lapsed one is forgotten.
  static let memory: UInt64 = 60_000_000_000
  /// For how many batches of one app that wait at the same time, and for how many of one group.
  static let mostOfApp = 1_024
  static let mostOfGroup = 4_096
  /// For how many that are the same in size and mark: whoever sends one batch again and again, and does not wait, is
  /// told the last time that it was told.
  static let mostOfOne = 16

  var size: BatchSize
  /// Tells batches of one size apart; 0 where that is not known.
  var mark: Int
  /// In nanoseconds of the limiter's clock.
  var due: UInt64

  func isDue(at now: UInt64) -> Bool { now >= due }

  /// Whether its sender is so late that another batch of the app may have its place.
  func hasLapsed(at now: UInt64) -> Bool { now > due && now - due > RetryPromise.patience }

  func isForgotten(at now: UInt64) -> Bool { now > due && now - due > RetryPromise.patience + RetryPromise.memory }
}
