import BaritoCore

/// Entries of the same cause.
struct QuarantineGroup: Sendable, Equatable {
  var fingerprint: String
  var count: Int
  /// In milliseconds since 1970.
  var firstSeen: Int64
  var lastSeen: Int64
  /// The newest, without its bytes.
  var example: QuarantineEntry

  /// Reads one bucket of the answer to `QuarantineSearch.groups`.
  init?(bucket: JSONElement, in bytes: Span<UInt8>) throws(JSONError) {
    guard bucket.kind == .object,
      let key = try JSONMembers.value(of: "key", inObjectAt: bucket.range, of: bytes)?.string(in: bytes),
      let count = try JSONMembers.value(of: "doc_count", inObjectAt: bucket.range, of: bytes)?.integer(in: bytes),
      let first = try QuarantineGroup.hit("first", bucket, bytes),
      let last = try QuarantineGroup.hit("last", bucket, bytes)
    else { return nil }
    fingerprint = key
    self.count = Int(count)
    firstSeen = first.timestamp
    lastSeen = last.timestamp
    example = last
  }

  private static func hit(
    _ name: String, _ bucket: JSONElement, _ bytes: Span<UInt8>
  ) throws(JSONError) -> QuarantineEntry? {
    guard let found = try QuarantineSearch.member([name, "hits", "hits"], of: bucket, bytes), found.kind == .array
    else {
      return nil
    }
    var hits = JSONElements(of: found.range)
    guard let hit = try hits.next(in: bytes), let source = try QuarantineSearch.member(["_source"], of: hit, bytes)
    else {
      return nil
    }
    return QuarantineEntry(source, in: bytes)
  }
}
