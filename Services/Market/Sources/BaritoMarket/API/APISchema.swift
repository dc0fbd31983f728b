/// The shape of a body or an answer of the API.
struct APISchema: Sendable {
  /// A field's type, as JSON Schema writes it.
  enum Kind: Sendable {
    case string, integer, number, boolean, moment
    case words([String])
    case reference(String)
    indirect case list(Kind)
    indirect case orNull(Kind)
  }

  struct Field: Sendable {
    var name: String
    var kind: Kind
    var isRequired: Bool
  }

  var fields: [Field]

  /// - Parameter optional: fields that may be left out.
  init(_ required: KeyValuePairs<String, Kind>, optional: KeyValuePairs<String, Kind> = [:]) {
    fields =
      required.map { Field(name: $0.key, kind: $0.value, isRequired: true) }
      + optional.map { Field(name: $0.key, kind: $0.value, isRequired: false) }
  }

  /// The same with more fields.
  func adding(_ required: KeyValuePairs<String, Kind>) -> APISchema {
    var copy = self
    copy.fields += required.map { Field(name: $0.key, kind: $0.value, isRequired: true) }
    return copy
  }

  var json: JSONValue {
    [
      "type": "object",
      "properties": .object(Dictionary(fields.map { ($0.name, $0.kind.json) }) { first, _ in first }),
      "required": .array(fields.filter(\.isRequired).map { .string($0.name) }),
    ]
  }
}

extension APISchema.Kind {
  var json: JSONValue {
    switch self {
    case .string: ["type": "string"]
    case .integer: ["type": "integer"]
    case .number: ["type": "number"]
    case .boolean: ["type": "boolean"]
    case .moment: ["type": "string", "format": "date-time"]
    case .words(let words): ["type": "string", "enum": .array(words.map { .string($0) })]
    case .reference(let name): ["$ref": .string("#/components/schemas/\(name)")]
    case .list(let kind): ["type": "array", "items": kind.json]
    case .orNull(let kind): ["anyOf": [kind.json, ["type": "null"]]]
    }
  }
}
