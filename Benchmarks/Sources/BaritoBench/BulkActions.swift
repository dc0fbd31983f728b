import Glibc

/// The action lines of a bulk body, as it comes in: every other line. Documents are passed over.
struct BulkActions {
  /// Where each action's id stands in `bytes`; empty where it has none.
  private(set) var ids: [Range<Int>] = []
  private(set) var bytes: [UInt8] = []
  private var isDocument = false
  private var start = 0

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
    ids.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    (isDocument, start) = (false, 0)
  }

  /// An action line is whole.
  private mutating func note() {
    let name = Array(#""_id":""#.utf8)
    defer { start = bytes.count }
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
