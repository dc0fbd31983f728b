/// The keys of the JSON objects of one document that is being written, so that none is written twice in an object:
/// Elasticsearch refuses such a document.
public struct JSONKeySet: Sendable {
  /// One object of the document.
  public struct Object: Sendable, Equatable {
    fileprivate let number: UInt32
  }

  private struct Entry {
    var object: UInt32
    var fingerprint: UInt64
    var start: UInt32
    var end: UInt32
  }

  /// More keys than this get a hash table; fewer are compared one by one.
  private static let mostCompared = 24

  private var bytes: [UInt8] = []
  private var entries: [Entry] = []
  /// Positions in ``entries`` plus one by hash, zero for free places.
  private var table: [UInt32] = []
  private var objects: UInt32 = 0

  public init() {}

  /// Forgets all objects; for the next document.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    table.removeAll(keepingCapacity: true)
    objects = 0
  }

  /// One more object, without keys. Those before go on.
  public mutating func object() -> Object {
    objects += 1
    return Object(number: objects)
  }

  /// Adds a key, of which it keeps a copy.
  /// - Returns: false where the object has it already.
  public mutating func insert(_ key: Span<UInt8>, in object: Object) -> Bool {
    let start = bytes.count
    bytes.append(copying: key)
    let entry = Entry(
      object: object.number, fingerprint: Self.fingerprint(key), start: UInt32(truncatingIfNeeded: start),
      end: UInt32(truncatingIfNeeded: bytes.count))
    if isNew(entry) { return true }
    bytes.removeSubrange(start...)
    return false
  }

  private mutating func isNew(_ entry: Entry) -> Bool {
    if entries.count < Self.mostCompared {
      for other in entries where isSame(entry, other) { return false }
      entries.append(entry)
      return true
    }
    if table.count < 2 &* entries.count { makeTable() }
    let place = place(of: entry)
    if table[place] != 0 { return false }
    entries.append(entry)
    table[place] = UInt32(entries.count)
    return true
  }

  /// Fills a table of at least four places a key.
  private mutating func makeTable() {
    var size = 128
    while size < 4 &* entries.count { size &*= 2 }
    table.removeAll(keepingCapacity: true)
    table.append(contentsOf: repeatElement(0, count: size))
    for index in entries.indices { table[place(of: entries[index])] = UInt32(index &+ 1) }
  }

  /// Where the table has this key, or where it would be put.
  private func place(of entry: Entry) -> Int {
    let mask = table.count &- 1
    var place = hash(entry) & mask
    while table[place] != 0 {
      if isSame(entry, entries[Int(table[place] &- 1)]) { break }
      place = (place &+ 1) & mask
    }
    return place
  }

  /// A hash that differs from process to process, so that no sender can choose keys that collide.
  private func hash(_ entry: Entry) -> Int {
    var hasher = Hasher()
    hasher.combine(entry.object)
    hasher.combine(entry.fingerprint)
    let key = bytes.span.extracting(Int(entry.start)..<Int(entry.end))
    var index = 8
    while index &+ 8 <= key.count {
      hasher.combine(EightBytes(key, at: index).word)
      index &+= 8
    }
    while index < key.count {
      hasher.combine(key[index])
      index &+= 1
    }
    return hasher.finalize()
  }

  /// The first eight bytes of a key, with its length mixed in.
  private static func fingerprint(_ key: Span<UInt8>) -> UInt64 {
    let length = UInt64(key.count) &* 0x9E37_79B9_7F4A_7C15
    if key.count >= 8 { return EightBytes(key, at: 0).word ^ length }
    var word: UInt64 = 0
    for index in 0..<key.count { word = word &<< 8 | UInt64(key[index]) }
    return word ^ length
  }

  private func isSame(_ one: Entry, _ other: Entry) -> Bool {
    guard one.fingerprint == other.fingerprint, one.object == other.object,
      one.end &- one.start == other.end &- other.start
    else { return false }
    for offset in 0..<Int(one.end &- one.start)
    where bytes[Int(one.start) &+ offset] != bytes[Int(other.start) &+ offset] {
      return false
    }
    return true
  }
}
