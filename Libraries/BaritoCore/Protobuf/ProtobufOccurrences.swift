/// The value of a message field that should occur once, and may occur again: protobuf merges them then, which is to read
/// one after the other as if they were one.
struct ProtobufOccurrences {
  /// Where the first one stands.
  private(set) var first = 0..<0
  private(set) var count = 0
  /// All of them, one after the other, where there are several.
  private(set) var joined: [UInt8] = []

  var isEmpty: Bool { count == 0 }
  /// Whether there is exactly one, which is what every encoder writes.
  var isOne: Bool { count == 1 }

  mutating func append(_ range: Range<Int>, in bytes: Span<UInt8>) {
    count &+= 1
    if count == 1 {
      first = range
    } else {
      if count == 2 { joined.append(copying: bytes.extracting(first)) }
      joined.append(copying: bytes.extracting(range))
    }
  }

  mutating func removeAll() {
    if count > 1 { joined.removeAll(keepingCapacity: true) }
    count = 0
  }
}
