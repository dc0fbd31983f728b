/// Why a record is in the quarantine: a closed set, fit for a metric's label and the same whichever server refused it.
enum RefusalKind: String, Sendable, CaseIterable {
  /// The record has no value.
  case tombstone
  /// Neither a JSON object nor what the first Barito wrote.
  case notAnObject = "not_an_object"
  /// A line feed stands in it, which would break every document behind it.
  case notOneLine = "not_one_line"
  /// Not JSON, or not UTF-8.
  case notJSON = "not_json"
  case repeatedKey = "repeated_key"
  /// More objects and arrays inside each other than are indexed.
  case tooDeep = "too_deep"
  case tooManyFields = "too_many_fields"
  /// A key that can be no field's name: empty, only dots, half a surrogate pair.
  case badFieldName = "bad_field_name"
  /// A key that is the server's own, such as `_id`.
  case reservedField = "reserved_field"
  /// The field has another type in the index.
  case typeConflict = "type_conflict"
  case valueTooLong = "value_too_long"
  /// The whole request was refused although the line was alone in it, or the server broke over it.
  case requestRefused = "request_refused"
  case other
}
