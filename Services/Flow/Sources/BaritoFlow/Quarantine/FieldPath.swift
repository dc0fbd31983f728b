/// A field as people and Elasticsearch write it: the keys to it, joined by dots, through arrays of objects too. Since
/// keys may hold dots themselves, `a.b` is the key `b` in the object `a` as well as the key `a.b`.
struct FieldPath: Sendable, Equatable {
  var text: String

  init(_ text: String) { self.text = text }

  /// What is left of the path inside the value of a key; nil where the key does not lie on it. Empty is the field itself.
  func rest(inside key: [UInt8]) -> Rest? {
    let path = Array(text.utf8)
    if path == key { return .here }
    guard path.count > key.count, path.starts(with: key), path[key.count] == UInt8(ascii: ".") else { return nil }
    return .deeper(FieldPath(String(decoding: path[(key.count + 1)...], as: UTF8.self)))
  }

  enum Rest: Sendable, Equatable {
    case here
    case deeper(FieldPath)
  }
}
