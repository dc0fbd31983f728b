/// When a batch is to be sent: as soon as it has so many records, so many bytes, or is so old.
public struct BatchLimits: Sendable, Equatable {
  /// Why a batch is full. Bounded: a metric label.
  public enum Reason: String, Sendable, CaseIterable {
    case count
    case bytes
    case age
  }

  /// Records; at least 1.
  public let count: Int
  /// Bytes of all records together; at least 1.
  public let bytes: Int
  /// Time since the batch's first record.
  public let age: Duration

  public init(count: Int, bytes: Int, age: Duration) {
    precondition(count > 0 && bytes > 0 && age >= .zero, "a batch must be able to hold something")
    self.count = count
    self.bytes = bytes
    self.age = age
  }

  /// Why a batch with this much in it should be sent now; nil where it may still grow. An empty batch is never full.
  public func reasonToSend(count: Int, bytes: Int, age: Duration) -> Reason? {
    if count == 0 { return nil }
    if count >= self.count { return .count }
    if bytes >= self.bytes { return .bytes }
    return age >= self.age ? .age : nil
  }

  /// Whether a record of `size` bytes may join a batch with this much in it without going beyond the limits. An empty
  /// batch takes any record: one too large for every batch must travel alone, not wait for ever.
  public func admits(_ size: Int, toBatchOf count: Int, bytes: Int) -> Bool {
    if count == 0 { return true }
    return count < self.count && size <= self.bytes - bytes
  }
}
