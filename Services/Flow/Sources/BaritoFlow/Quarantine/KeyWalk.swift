import BaritoCore

/// Every key of a document, however deep, in one pass that also checks the JSON.
struct KeyWalk {
  /// Keys given so far.
  private(set) var count = 0
  private var scanner: JSONScanner
  /// The containers that are open, innermost last; true for objects.
  private var open: [Bool] = []
  private var isAtValue = true

  init(maximumDepth: Int) { scanner = JSONScanner(maximumDepth: maximumDepth) }

  /// The next key; nil after the last, when the whole document has been read.
  mutating func next(in line: Span<UInt8>) throws(JSONError) -> JSONStringText? {
    while true {
      if isAtValue {
        isAtValue = false
        switch try scanner.peekKind(in: line) {
        case .object:
          try scanner.openObject(in: line)
          open.append(true)
        case .array:
          try scanner.openArray(in: line)
          open.append(false)
        default: _ = try scanner.value(in: line)
        }
      }
      guard let isObject = open.last else {
        try scanner.end(in: line)
        return nil
      }
      if isObject, let key = try scanner.nextKey(in: line) {
        isAtValue = true
        count += 1
        return key
      } else if !isObject, try scanner.nextElement(in: line) {
        isAtValue = true
      } else {
        open.removeLast()
      }
    }
  }
}
