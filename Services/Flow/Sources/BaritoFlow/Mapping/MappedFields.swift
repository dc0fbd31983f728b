import BaritoCore

/// The fields that an index has, as its mapping says.
struct MappedFields: Sendable, Equatable {
  /// What values a field takes.
  enum Kind: Sendable, Equatable {
    /// Objects, whose members are fields of their own.
    case object
    /// Text, numbers and the like, and arrays of them.
    case concrete
    /// Who knows: types of an operator's own choice.
    case other
  }

  /// By the path of the field, such as `kubernetes.labels.app`.
  private(set) var kinds: [String: Kind] = [:]
  /// As the server counts them against its limit: objects and sub-fields too.
  private(set) var count = 0
  /// Whether the side field takes an object; else its text.
  private(set) var sideFieldTakesObject = false

  /// Mappings nest no deeper than this by far.
  private static let maximumDepth = 100

  private static let concrete: Set<String> = [
    "text", "match_only_text", "keyword", "constant_keyword", "wildcard", "long", "integer", "short", "byte", "double",
    "float", "half_float", "scaled_float", "unsigned_long", "date", "date_nanos", "boolean", "ip", "binary", "version",
  ]

  init() {}

  /// Reads the answer to `GET /<indices>/_mapping`.
  /// - Returns: the fields of each index; nil when it is no such answer.
  static func all(in body: Span<UInt8>) -> [String: MappedFields]? {
    do throws(JSONError) {
      let root = try JSONScanner.validate(body)
      guard root.kind == .object else { return nil }
      var all: [String: MappedFields] = [:]
      var indices = JSONMembers(of: root.range)
      while let index = try indices.next(in: body) {
        var fields = MappedFields()
        if let mappings = try object("mappings", in: index.value, of: body),
          let properties = try object("properties", in: mappings, of: body)
        {
          try fields.add(properties, below: nil, depth: 0, of: body)
        }
        all[index.key.decoded(in: body)] = fields
      }
      return all
    } catch {
      return nil
    }
  }

  private mutating func add(
    _ properties: JSONElement, below parent: String?, depth: Int, of body: Span<UInt8>
  ) throws(JSONError) {
    guard depth < MappedFields.maximumDepth else { return }
    var members = JSONMembers(of: properties.range)
    while let member = try members.next(in: body) {
      let key = member.key.decoded(in: body)
      let path = parent.map { "\($0).\(key)" } ?? key
      count += 1
      guard member.value.kind == .object else { continue }
      let type = try JSONMembers.value(of: "type", inObjectAt: member.value.range, of: body)?.string(in: body)
      let inner = try MappedFields.object("properties", in: member.value, of: body)
      let kind = MappedFields.kind(type, hasProperties: inner != nil)
      kinds[path] = kind
      if path == SideField.name { sideFieldTakesObject = kind != .concrete }
      if let inner { try add(inner, below: path, depth: depth + 1, of: body) }
      if let subfields = try MappedFields.object("fields", in: member.value, of: body) {
        var members = JSONMembers(of: subfields.range)
        while try members.next(in: body) != nil { count += 1 }
      }
    }
  }

  private static func kind(_ type: String?, hasProperties: Bool) -> Kind {
    switch type {
    case nil, "object", "nested": .object
    case .some(let type): concrete.contains(type) ? .concrete : hasProperties ? .object : .other
    }
  }

  private static func object(
    _ name: String, in element: JSONElement, of body: Span<UInt8>
  ) throws(JSONError) -> JSONElement? {
    guard element.kind == .object, let found = try JSONMembers.value(of: name, inObjectAt: element.range, of: body),
      found.kind == .object
    else { return nil }
    return found
  }
}
