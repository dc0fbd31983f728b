/// Where the values of a message field stand that should occur once, and may occur again: protobuf merges them, which is
/// to read one after the other as if they were one.
struct ProtobufOccurrences {
  private(set) var first = 0..<0
  private(set) var isEmpty = true
  private var others: [Range<Int>] = []

  /// Whether there is exactly one, which is what every encoder writes.
  var isOne: Bool { !isEmpty && others.isEmpty }

  mutating func append(_ range: Range<Int>) {
    if isEmpty {
      first = range
      isEmpty = false
    } else {
      others.append(range)
    }
  }

  mutating func removeAll() {
    isEmpty = true
    if !others.isEmpty { others.removeAll() }
  }

  /// A copy of them all, one after the other.
  func joined(in bytes: Span<UInt8>) -> [UInt8] {
    guard !isEmpty else { return [] }
    var joined: [UInt8] = []
    joined.append(copying: bytes.extracting(first))
    for range in others { joined.append(copying: bytes.extracting(range)) }
    return joined
  }
}
