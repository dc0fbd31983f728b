import Glibc

/// The action lines of a bulk body, as it comes in: every other line. Documents are passed over.
struct BulkActions {
  /// Where each action stands in `bytes`.
  private(set) var lines: [Range<Int>] = []
  /// Where its id stands; empty where it has none.
  private(set) var ids: [Range<Int>] = []
  private(set) var bytes: [UInt8] = []
  private var isDocument = false
  private var start = 0

  private static let idName = Array(#""_id":""#.utf8)
  private static let indexName = Array(#""_index":""#.utf8)
  /// Of an id that is made of a record, whose first ten characters are its time.
  private static let idLength = 30
  private static let timeLength = 10

  var count: Int { ids.count }

  mutating func take(_ chunk: UnsafeRawBufferPointer) {
    var rest = chunk[...]
    while !rest.isEmpty, let base = chunk.baseAddress {
      let end = memchr(base + rest.startIndex, 0x0A, rest.count).map { UnsafeRawPointer($0) - base }
      let line = rest[..<(end ?? rest.endIndex)]
      if !isDocument { bytes.append(contentsOf: line) }
      guard let end else { return }
      if !isDocument { note() }
      isDocument.toggle()
      rest = rest[(end + 1)...]
    }
  }

  mutating func reset() {
    lines.removeAll(keepingCapacity: true)
    ids.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    (isDocument, start) = (false, 0)
  }

  /// Whether the name of its index begins so.
  func indexBegins(with prefix: [UInt8], at place: Int) -> Bool {
    let line = lines[place]
    var at = line.lowerBound
    while at + BulkActions.indexName.count + prefix.count <= line.upperBound {
      if bytes[at] == BulkActions.indexName[0], bytes[at...].starts(with: BulkActions.indexName) {
        return bytes[(at + BulkActions.indexName.count)...].starts(with: prefix)
      }
      at += 1
    }
    return false
  }

  /// The timestamp of the record that the document was made of, in milliseconds since 1970; nil where the id is not that
  /// of a record.
  func recorded(at place: Int) -> Int64? {
    guard ids[place].count == BulkActions.idLength else { return nil }
    var time: Int64 = 0
    for digit in bytes[ids[place].prefix(BulkActions.timeLength)] {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): time = time << 5 | Int64(digit - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "v"): time = time << 5 | Int64(digit - UInt8(ascii: "a") + 10)
      default: return nil
      }
    }
    return time
  }

  /// An action line is whole.
  private mutating func note() {
    defer { start = bytes.count }
    lines.append(start..<bytes.count)
    let name = BulkActions.idName
    var at = bytes.count - name.count
    // From behind: the id stands last.
    while at >= start {
      if bytes[at] == name[0], bytes[at..<at + name.count].elementsEqual(name) {
        let first = at + name.count
        ids.append(first..<(bytes[first...].firstIndex(of: UInt8(ascii: "\"")) ?? first))
        return
      }
      at -= 1
    }
    ids.append(start..<start)
  }
}
