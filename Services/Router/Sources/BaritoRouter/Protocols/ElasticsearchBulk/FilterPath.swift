/// `filter_path`: which members of an answer a client wants, such as `errors,items.*.error,items.*.status`.
///
/// As in Elasticsearch: patterns between commas, `*` for any part of a name, `**` for any names, a minus in front for what
/// is not wanted. A pattern that names a member means all that is in it.
struct FilterPath: Sendable, Equatable {
  private var wanted: [[Substring]] = []
  private var unwanted: [[Substring]] = []

  /// Patterns beyond so many are left out: no client has a use for them.
  private static let maximumPatterns = 64

  /// - Parameter text: nil for everything.
  init(_ text: String?) {
    for pattern in (text ?? "").split(separator: ",").prefix(FilterPath.maximumPatterns) {
      if pattern.hasPrefix("-") {
        unwanted.append(pattern.dropFirst().split(separator: "."))
      } else {
        wanted.append(pattern.split(separator: "."))
      }
    }
  }

  /// Whether nothing is left out.
  var isOpen: Bool { wanted.isEmpty && unwanted.isEmpty }

  func includes(_ path: String...) -> Bool { includes(path) }

  /// Whether a member is wanted, by the names on the way to it; arrays have none.
  func includes(_ path: [String]) -> Bool {
    (wanted.isEmpty || wanted.contains { FilterPath.matches($0[...], path[...]) })
      && !unwanted.contains { FilterPath.matches($0[...], path[...]) }
  }

  /// Whether the pattern names the path or something that the path is in.
  private static func matches(_ pattern: ArraySlice<Substring>, _ path: ArraySlice<String>) -> Bool {
    guard let first = pattern.first else { return true }
    if first == "**" {
      return (path.startIndex...path.endIndex).contains { matches(pattern.dropFirst(), path[$0...]) }
    }
    guard let name = path.first, isLike(Array(first.utf8)[...], Array(name.utf8)[...]) else { return false }
    return matches(pattern.dropFirst(), path.dropFirst())
  }

  /// Whether a name is like a pattern with stars.
  private static func isLike(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
    var (pattern, name) = (pattern, name)
    var retry: (pattern: ArraySlice<UInt8>, name: ArraySlice<UInt8>)?
    while !name.isEmpty || !pattern.isEmpty {
      if pattern.first == UInt8(ascii: "*") {
        pattern = pattern.dropFirst()
        retry = (pattern, name)
      } else if let byte = name.first, pattern.first == byte {
        pattern = pattern.dropFirst()
        name = name.dropFirst()
      } else if let again = retry, !again.name.isEmpty {
        // The star takes one more.
        name = again.name.dropFirst()
        pattern = again.pattern
        retry = (pattern, name)
      } else {
        return false
      }
    }
    return true
  }
}
