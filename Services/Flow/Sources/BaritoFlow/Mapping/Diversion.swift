import BaritoCore

/// Moves those members of a document into its side field that the mapping of its index does not take. Pure.
///
/// A splice of bytes: what stays is equal byte for byte and in its order, and so is what is moved, under its path as its
/// new key. Only objects are entered; of an array the whole goes.
struct Diversion {
  private enum Decision { case keep, move, enter }

  /// The fields that the server names.
  private let named: [String]
  private let fields: MappedFields
  /// Whether members that the index has no field for are moved.
  private let movesUnknown: Bool
  private var kept: [UInt8] = []
  /// The members of the side field, with commas between.
  private var moved: [UInt8] = []

  /// Mapped objects nest no deeper than this by far.
  private static let maximumDepth = 100

  private init(_ named: [String], _ fields: MappedFields, movesUnknown: Bool) {
    self.named = named
    self.fields = fields
    self.movesUnknown = movesUnknown
  }

  /// - Parameter refusals: what the server said of it, as it came and as it was mended since.
  /// - Returns: the document as it may be taken; nil where nothing of it can be moved, or it is no JSON object.
  static func divert(_ document: Span<UInt8>, after refusals: [MappingRefusal], _ fields: MappedFields) -> [UInt8]? {
    let named = refusals.compactMap(\.field)
    do throws(JSONError) {
      let root = try JSONScanner.validate(document)
      guard root.kind == .object else { return nil }
      // Where the named fields and all that conflicts explain nothing, it is one that the index does not have.
      for movesUnknown in named.count < refusals.count ? [true] : [false, true] {
        var diversion = Diversion(named, fields, movesUnknown: movesUnknown)
        try diversion.write(root.range, rawPath: [], path: nil, depth: 0, of: document)
        if !diversion.moved.isEmpty { return diversion.finish() }
      }
    } catch {}
    return nil
  }

  private consuming func finish() -> [UInt8] {
    var document = kept
    document.removeLast()
    if document.count > 1 { document.append(UInt8(ascii: ",")) }
    document.append(contentsOf: "\"\(SideField.name)\":".utf8)
    let side = [UInt8(ascii: "{")] + moved + [UInt8(ascii: "}")]
    if fields.sideFieldTakesObject {
      document.append(contentsOf: side)
    } else {
      JSONWriter.append(string: side.span, to: &document)
    }
    document.append(UInt8(ascii: "}"))
    return document
  }

  /// Appends an object to what is kept, without those of its members that are moved.
  ///
  /// - Parameters:
  ///   - rawPath: of the object, as its keys are written; a dot at its end.
  ///   - path: the same, decoded and without the dot; nil for the document.
  private mutating func write(
    _ range: Range<Int>, rawPath: [UInt8], path parent: String?, depth: Int, of document: Span<UInt8>
  ) throws(JSONError) {
    kept.append(UInt8(ascii: "{"))
    var isFirst = true
    var members = JSONMembers(of: range)
    while let member = try members.next(in: document) {
      let key = member.key.decoded(in: document)
      let path = parent.map { "\($0).\(key)" } ?? key
      let decision = try decide(path, below: parent, member.value, of: document)
      if decision == .move {
        if !moved.isEmpty { moved.append(UInt8(ascii: ",")) }
        moved.append(UInt8(ascii: "\""))
        moved.append(contentsOf: rawPath)
        moved.append(copying: document.extracting(member.key.range))
        moved.append(contentsOf: "\":".utf8)
        moved.append(copying: document.extracting(member.value.range))
        continue
      }
      if !isFirst { kept.append(UInt8(ascii: ",")) }
      isFirst = false
      let start = member.key.range.lowerBound - 1
      guard decision == .enter, depth < Diversion.maximumDepth else {
        kept.append(copying: document.extracting(start..<member.value.range.upperBound))
        continue
      }
      kept.append(copying: document.extracting(start..<member.value.range.lowerBound))
      var inner = rawPath
      inner.append(copying: document.extracting(member.key.range))
      inner.append(UInt8(ascii: "."))
      try write(member.value.range, rawPath: inner, path: path, depth: depth + 1, of: document)
    }
    kept.append(UInt8(ascii: "}"))
  }

  private func decide(
    _ path: String, below parent: String?, _ value: JSONElement, of document: Span<UInt8>
  ) throws(JSONError) -> Decision {
    // A document may have one side field only.
    if path == SideField.name { return .move }
    var leadsToNamed = false
    for named in named {
      if path == named || path.hasPrefix("\(named).") { return .move }
      let isOnTheWay = named.hasPrefix("\(path).")
      if isOnTheWay, value.kind != .object { return .move }
      leadsToNamed = leadsToNamed || isOnTheWay
      // Of the server's own names, which no document may use, only the first is named.
      if parent == nil, named.hasPrefix("_"), path.hasPrefix("_"), fields.kinds[path] == nil { return .move }
    }
    switch fields.kinds[path] {
    case .object:
      switch value.kind {
      case .object: return .enter
      case .array: return try Diversion.leaves(of: value, in: document).hasConcrete ? .move : .keep
      case .null: return .keep
      case .string, .number, .boolean: return .move
      }
    case .concrete:
      switch value.kind {
      case .object: return .move
      case .array: return try Diversion.leaves(of: value, in: document).hasObject ? .move : .keep
      default: return .keep
      }
    case .other: return leadsToNamed ? .move : .keep
    case nil:
      // A new object that holds what is named nests too deep: it goes from where it begins.
      return leadsToNamed || movesUnknown || isBelowConcrete(path, below: parent) ? .move : .keep
    }
  }

  /// Whether a key with dots in it asks for a field below one that is no object.
  private func isBelowConcrete(_ path: String, below parent: String?) -> Bool {
    let start = parent.map { $0.utf8.count + 1 } ?? 0
    var place = path.utf8.index(path.utf8.startIndex, offsetBy: start)
    while let dot = path.utf8[place...].firstIndex(of: UInt8(ascii: ".")) {
      if fields.kinds[String(path[..<dot])] == .concrete { return true }
      place = path.utf8.index(after: dot)
    }
    return false
  }

  /// What an array holds, arrays in it looked through. One that nests deeper than anybody means is said to hold both.
  private static func leaves(
    of array: JSONElement, in document: Span<UInt8>
  ) throws(JSONError) -> (hasObject: Bool, hasConcrete: Bool) {
    var found = (hasObject: false, hasConcrete: false)
    var open = [(array.range, depth: 0)]
    while let (range, depth) = open.popLast() {
      if depth > 32 { return (true, true) }
      var elements = JSONElements(of: range)
      while let element = try elements.next(in: document) {
        switch element.kind {
        case .object: found.hasObject = true
        case .array: open.append((element.range, depth + 1))
        case .null: break
        case .string, .number, .boolean: found.hasConcrete = true
        }
      }
    }
    return found
  }
}
