extension Refusal {
  /// What is wrong, and how to mend it, in words that need no knowledge of Elasticsearch.
  var explanation: String {
    let name = field.map { "The field \($0)" } ?? "A field"
    let hint = field.map { " Mend: --drop \($0), --rename \($0)=…, or --stringify \($0)." } ?? ""
    switch kind {
    case .tombstone: return "The record has no value, so there is nothing to index."
    case .notAnObject: return "The value is neither a JSON object nor what the first Barito wrote."
    case .notOneLine: return "A line feed stands in the value: a document is a JSON object on one line."
    case .notJSON: return "The line is not JSON, or not UTF-8."
    case .repeatedKey: return "\(field.map { "The key \($0)" } ?? "A key") occurs twice in one object."
    case .tooDeep: return "Objects or arrays are inside each other deeper than is indexed."
    case .tooManyFields: return "The line has more fields than an index takes."
    case .badFieldName: return "\(field.map { "The key \($0)" } ?? "A key") can be no field's name."
    case .reservedField: return "\(field.map { "The key \($0)" } ?? "A key") is Elasticsearch's own.\(hint)"
    case .typeConflict:
      return "\(name) is of the type \(expectedType ?? "unknown") in the index, the line has \(actual) there.\(hint)"
    case .valueTooLong: return "\(name) holds a longer text than is indexed.\(hint)"
    case .requestRefused: return "The request with this line alone was refused."
    case .other: return "Elasticsearch refuses the line."
    }
  }

  private var actual: String {
    switch actualType {
    case "object", "array": "an \(actualType ?? "")"
    case nil, "value": "another value"
    case let type?: "a \(type)"
    }
  }
}
