import BaritoCore
import Regex

/// Which lines a viewer wants to see: those that meet every condition. Pure.
struct LineFilter: Sendable {
  /// Lines below this level are left out, and lines without a level too.
  var level: LogLevel?
  /// Each must occur in the document as it is stored.
  var grep: [RegularExpression] = []
  /// None may occur.
  var exclude: [RegularExpression] = []
  /// By the name of the field, the values of which it must have one.
  private(set) var fields: [(name: String, values: [String])] = []

  mutating func add(field name: String, value: String) {
    if let index = fields.firstIndex(where: { $0.name == name }) {
      fields[index].values.append(value)
    } else {
      fields.append((name, [value]))
    }
  }

  /// - Parameter document: an object that has been checked, and nothing else.
  /// - Throws: where a pattern takes too long.
  func passes(_ document: Span<UInt8>) throws(RegexError) -> Bool {
    if let level {
      guard let found = LogLevel.of(objectAt: 0..<document.count, in: document), found >= level else { return false }
    }
    for (name, values) in fields {
      guard let element = LineFilter.element(at: name, inObjectAt: 0..<document.count, of: document),
        values.contains(where: { LineFilter.equals(element, $0, in: document) })
      else { return false }
    }
    for pattern in grep where !(try pattern.matches(document)) { return false }
    for pattern in exclude where try pattern.matches(document) { return false }
    return true
  }

  /// The member of that name, or, where the name has dots, the member of the object that the part before a dot names.
  private static func element(at name: String, inObjectAt range: Range<Int>, of bytes: Span<UInt8>) -> JSONElement? {
    if let found = try? JSONMembers.value(of: name, inObjectAt: range, of: bytes) { return found }
    var dot = name.firstIndex(of: ".")
    while let place = dot {
      let rest = name.index(after: place)
      if let outer = try? JSONMembers.value(of: String(name[..<place]), inObjectAt: range, of: bytes),
        outer.kind == .object, let found = element(at: String(name[rest...]), inObjectAt: outer.range, of: bytes)
      {
        return found
      }
      dot = name[rest...].firstIndex(of: ".")
    }
    return nil
  }

  /// Strings are compared decoded, all else as it is written.
  private static func equals(_ element: JSONElement, _ value: String, in bytes: Span<UInt8>) -> Bool {
    if let text = JSONStringText(element, in: bytes) { return text.equals(value, in: bytes) }
    let wanted = value.utf8Span.span
    guard wanted.count == element.range.count else { return false }
    for index in 0..<wanted.count where wanted[index] != bytes[element.range.lowerBound + index] { return false }
    return true
  }
}
