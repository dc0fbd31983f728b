/// Which records of a partition have been applied. Pure: decides whether a record that comes is new.
public struct AppliedOffsets: Sendable, Equatable {
  /// One more than the highest offset applied.
  public var next: Int64
  /// The newest timestamp of a record applied, in milliseconds since 1970.
  public var newest: Int64

  public init(next: Int64 = 0, newest: Int64 = 0) {
    self.next = next
    self.newest = newest
  }

  /// Takes note of a record.
  ///
  /// A record that comes again is never newer than the newest applied. One with a lower offset that is newer must come
  /// from a topic that was deleted and made again, and counting starts anew.
  /// - Returns: whether it is to be applied; false when it has been already.
  public mutating func admit(offset: Int64, timestamp: Int64) -> Bool {
    guard offset >= next || timestamp > newest else { return false }
    next = offset + 1
    newest = max(newest, timestamp)
    return true
  }
}
