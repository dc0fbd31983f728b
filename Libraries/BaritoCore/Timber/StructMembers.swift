/// The members of the objects that are being written, innermost last, each key once.
///
/// An object's members must be known before the first is written, since a repeated key means its last value. Scanning them
/// looks at keys and lengths only, so that each level of nesting is looked at once.
struct StructMembers: Sendable {
  struct Member: Sendable {
    fileprivate var fingerprint: UInt64
    private var keyStart, keyEnd, valueStart, valueEnd: UInt32
    /// Whether ``value`` is the whole entry, because it has several values, which are to be merged.
    var isWhole: Bool

    fileprivate init(key: Range<Int>, value: Range<Int>, isWhole: Bool, in bytes: Span<UInt8>) {
      keyStart = UInt32(key.lowerBound)
      keyEnd = UInt32(key.upperBound)
      valueStart = UInt32(value.lowerBound)
      valueEnd = UInt32(value.upperBound)
      self.isWhole = isWhole
      fingerprint = StructMembers.fingerprint(key, in: bytes)
    }

    var key: Range<Int> { Int(keyStart)..<Int(keyEnd) }
    var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
  }

  /// Objects of more members than this get a hash table; fewer are compared one by one.
  private static let mostCompared = 16

  private var members: [Member] = []
  /// Positions in ``members`` plus one by hash, zero for free places; of the object being scanned.
  private var table: [UInt32] = []
  private var hasTable = false

  subscript(position: Int) -> Member { members[position] }

  mutating func removeAll() { members.removeAll(keepingCapacity: true) }
  mutating func removeLast(_ count: Int) { members.removeLast(count) }

  /// Adds the members of the Struct at `range`, and returns their positions. A repeated key keeps its first place and
  /// gets its last value.
  mutating func scan(_ range: Range<Int>, in bytes: Span<UInt8>) throws(ProtobufError) -> Range<Int> {
    let start = members.count
    hasTable = false
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      if field == ProtobufField(1, .lengthDelimited) {
        let member = try entry(try reader.lengthDelimited(in: bytes), in: bytes)
        insert(member, objectStart: start, in: bytes)
      } else {
        try reader.skip(field, in: bytes)
      }
    }
    return start..<members.count
  }

  private func entry(_ range: Range<Int>, in bytes: Span<UInt8>) throws(ProtobufError) -> Member {
    // What is left out has its default: an empty key, a Value that is null.
    var key = range.lowerBound..<range.lowerBound
    var value = key
    var values = 0
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      switch (field.number, field.wireType) {
      case (1, .lengthDelimited): key = try reader.lengthDelimited(in: bytes)
      case (2, .lengthDelimited):
        value = try reader.lengthDelimited(in: bytes)
        values &+= 1
      default: try reader.skip(field, in: bytes)
      }
    }
    return Member(key: key, value: values > 1 ? range : value, isWhole: values > 1, in: bytes)
  }

  private mutating func insert(_ member: Member, objectStart: Int, in bytes: Span<UInt8>) {
    let count = members.count &- objectStart
    if count < Self.mostCompared {
      for position in objectStart..<members.count where isSameKey(member, members[position], in: bytes) {
        members[position] = member
        return
      }
    } else {
      if !hasTable || table.count < 2 &* count { makeTable(objectStart: objectStart, in: bytes) }
      let place = place(of: member, in: bytes)
      if table[place] != 0 {
        members[Int(table[place] &- 1)] = member
        return
      }
      table[place] = UInt32(members.count &+ 1)
    }
    members.append(member)
  }

  /// Fills a table of at least four places a member.
  private mutating func makeTable(objectStart: Int, in bytes: Span<UInt8>) {
    var size = 64
    while size < 4 &* (members.count &- objectStart) { size &*= 2 }
    table.removeAll(keepingCapacity: true)
    table.append(contentsOf: repeatElement(0, count: size))
    hasTable = true
    for position in objectStart..<members.count {
      table[place(of: members[position], in: bytes)] = UInt32(position &+ 1)
    }
  }

  /// Where the table has the member with this key, or where it would be put.
  private func place(of member: Member, in bytes: Span<UInt8>) -> Int {
    let mask = table.count &- 1
    var place = hash(member, in: bytes) & mask
    while table[place] != 0 {
      if isSameKey(member, members[Int(table[place] &- 1)], in: bytes) { break }
      place = (place &+ 1) & mask
    }
    return place
  }

  /// A hash that differs from process to process, so that no sender can choose keys that collide.
  private func hash(_ member: Member, in bytes: Span<UInt8>) -> Int {
    var hasher = Hasher()
    hasher.combine(member.fingerprint)
    var index = member.key.lowerBound &+ 8
    while index &+ 8 <= member.key.upperBound {
      hasher.combine(EightBytes(bytes, at: index).word)
      index &+= 8
    }
    while index < member.key.upperBound {
      hasher.combine(bytes[index])
      index &+= 1
    }
    return hasher.finalize()
  }

  /// The first eight bytes of a key, with its length mixed in.
  private static func fingerprint(_ key: Range<Int>, in bytes: Span<UInt8>) -> UInt64 {
    let length = UInt64(key.count) &* 0x9E37_79B9_7F4A_7C15
    if key.count >= 8 { return EightBytes(bytes, at: key.lowerBound).word ^ length }
    var word: UInt64 = 0
    for index in key { word = word &<< 8 | UInt64(bytes[index]) }
    return word ^ length
  }

  private func isSameKey(_ one: Member, _ other: Member, in bytes: Span<UInt8>) -> Bool {
    guard one.fingerprint == other.fingerprint, one.key.count == other.key.count else { return false }
    for offset in 0..<one.key.count
    where bytes[one.key.lowerBound &+ offset] != bytes[other.key.lowerBound &+ offset] {
      return false
    }
    return true
  }
}
