import BaritoCore

/// Changes to a document before it is sent again. The bytes of all other members stay as they are: a repair cuts and
/// splices, it does not decode.
struct DocumentRepair: Sendable, Equatable {
  enum Step: Sendable, Equatable {
    /// Without the field.
    case drop(FieldPath)
    /// With another key in the same object.
    case rename(FieldPath, to: String)
    /// The value's own JSON as a text; texts and null stay.
    case stringify(FieldPath)

    var path: FieldPath {
      switch self {
      case .drop(let path), .rename(let path, _), .stringify(let path): path
      }
    }
  }

  /// Arrays inside each other that a path is followed through.
  private static let maximumDepth = 100

  var steps: [Step]

  /// - Returns: the repaired document.
  /// - Throws: where the document is not JSON.
  func repaired(_ document: [UInt8]) throws(JSONError) -> [UInt8] {
    var document = document
    for step in steps {
      let root = try JSONScanner.validate(document.span)
      var edits: [Edit] = []
      try DocumentRepair.find(step, step.path, in: root, of: document.span, depth: 0, &edits)
      document = DocumentRepair.apply(edits, to: document)
    }
    return document
  }

  /// Other bytes in the place of some. Edits come in the order of the document and do not overlap.
  private struct Edit {
    var range: Range<Int>
    var bytes: [UInt8] = []
  }

  private static func apply(_ edits: [Edit], to document: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(document.count)
    var start = 0
    for edit in edits {
      output += document[start..<edit.range.lowerBound]
      output += edit.bytes
      start = edit.range.upperBound
    }
    return output + document[start...]
  }

  private static func find(
    _ step: Step, _ path: FieldPath, in value: JSONElement, of bytes: Span<UInt8>, depth: Int, _ edits: inout [Edit]
  ) throws(JSONError) {
    guard depth < maximumDepth else { return }
    switch value.kind {
    case .array:
      var elements = JSONElements(of: value.range)
      while let element = try elements.next(in: bytes) {
        try find(step, path, in: element, of: bytes, depth: depth + 1, &edits)
      }
    case .object:
      var dropped = DroppedMembers(in: value.range)
      var members = JSONMembers(of: value.range)
      while let member = try members.next(in: bytes) {
        var key: [UInt8] = []
        member.key.appendDecoded(in: bytes, to: &key)
        let rest = path.rest(inside: key)
        if case .drop = step {
          if let range = dropped.next(member, isDropped: rest == .here) { edits.append(Edit(range: range)) }
        } else if rest == .here {
          edits += edit(step, member, bytes)
        }
        if case .deeper(let path) = rest {
          try find(step, path, in: member.value, of: bytes, depth: depth + 1, &edits)
        }
      }
      if let range = dropped.last { edits.append(Edit(range: range)) }
    default: break
    }
  }

  private static func edit(_ step: Step, _ member: JSONMember, _ bytes: Span<UInt8>) -> [Edit] {
    var text: [UInt8] = []
    switch step {
    case .rename(_, let name):
      JSONWriter.append(escaping: name.utf8Span.span, to: &text)
      return [Edit(range: member.key.range, bytes: text)]
    case .stringify where member.value.kind != .string && member.value.kind != .null:
      JSONWriter.append(string: bytes.extracting(member.value.range), to: &text)
      return [Edit(range: member.value.range, bytes: text)]
    default: return []
    }
  }
}

/// What to cut out of one object, with the right commas.
private struct DroppedMembers {
  /// Behind the last member that stays, or behind the opening brace.
  private var kept: Int
  /// Where members to drop begin that are not cut yet, and where they end.
  private var pending: Range<Int>?

  init(in object: Range<Int>) { kept = object.lowerBound + 1 }

  /// - Returns: what can be cut now, because a member that stays follows.
  mutating func next(_ member: JSONMember, isDropped: Bool) -> Range<Int>? {
    let start = member.key.range.lowerBound - 1
    guard !isDropped else {
      pending = (pending?.lowerBound ?? start)..<member.value.range.upperBound
      return nil
    }
    defer {
      kept = member.value.range.upperBound
      pending = nil
    }
    return pending.map { $0.lowerBound..<start }
  }

  /// What is to be cut at the end of the object: with the comma before it.
  var last: Range<Int>? { pending.map { kept..<$0.upperBound } }
}
