import BaritoCore

/// The leaves of a JSON value by their paths, with numbers and truths as text: two spellings of the same settings,
/// nested or dotted, quoted or not, are equal.
struct JSONLeaves: Sendable, Equatable {
  private(set) var values: [String: String] = [:]

  /// - Returns: nil when the bytes are no JSON.
  init?(_ bytes: Span<UInt8>) {
    do throws(JSONError) {
      try add(try JSONScanner.validate(bytes, maximumDepth: 100), at: "", in: bytes)
    } catch {
      return nil
    }
  }

  /// The leaf at a path such as `index_templates.0.index_template.version`.
  subscript(_ path: String) -> String? { values[path] }

  /// Those below a path, by the rest of theirs.
  func below(_ path: String) -> JSONLeaves {
    var leaves = self
    leaves.values = [:]
    for (key, value) in values where key.hasPrefix(path + ".") {
      leaves.values[String(key.dropFirst(path.count + 1))] = value
    }
    return leaves
  }

  /// Without those at or below these paths.
  func without(_ paths: [String]) -> JSONLeaves {
    var leaves = self
    leaves.values = values.filter { leaf in !paths.contains { leaf.key == $0 || leaf.key.hasPrefix($0 + ".") } }
    return leaves
  }

  private mutating func add(_ element: JSONElement, at path: String, in bytes: Span<UInt8>) throws(JSONError) {
    let prefix = path.isEmpty ? "" : path + "."
    switch element.kind {
    case .object:
      var members = JSONMembers(of: element.range)
      while let member = try members.next(in: bytes) {
        try add(member.value, at: prefix + member.key.decoded(in: bytes), in: bytes)
      }
    case .array:
      var elements = JSONElements(of: element.range)
      var place = 0
      while let next = try elements.next(in: bytes) {
        try add(next, at: "\(prefix)\(place)", in: bytes)
        place += 1
      }
    case .string: values[path] = element.string(in: bytes)
    case .number, .boolean, .null:
      var text: [UInt8] = []
      text.append(copying: bytes.extracting(element.range))
      values[path] = String(decoding: text, as: UTF8.self)
    }
  }
}
