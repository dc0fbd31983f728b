/// The members of one object, one after another: checked as they are read.
///
/// ```swift
/// var members = JSONMembers(of: element.range)
/// while let member = try members.next(in: bytes) { … }
/// ```
public struct JSONMembers: Sendable {
  private var scanner: JSONScanner
  private var isOpen = false
  private var isDone = false

  /// - Parameter range: of an object within the bytes given to `next(in:)`, such as ``JSONElement/range``.
  public init(of range: Range<Int>) {
    scanner = JSONScanner(at: range.lowerBound)
  }

  /// The next member, or nil after the last.
  public mutating func next(in bytes: Span<UInt8>) throws(JSONError) -> JSONMember? {
    if isDone { return nil }
    if !isOpen { try scanner.openObject(in: bytes) }
    isOpen = true
    guard let key = try scanner.nextKey(in: bytes) else {
      isDone = true
      return nil
    }
    return JSONMember(key: key, value: try scanner.value(in: bytes))
  }

  /// The value of the first member named `name` in the object at `range`; nil where there is none. What stands after
  /// that member is not looked at.
  public static func value(
    of name: String, inObjectAt range: Range<Int>, of bytes: Span<UInt8>
  ) throws(JSONError) -> JSONElement? {
    var members = JSONMembers(of: range)
    while let member = try members.next(in: bytes) {
      if member.key.equals(name, in: bytes) { return member.value }
    }
    return nil
  }
}

/// The elements of one array, one after another: checked as they are read.
public struct JSONElements: Sendable {
  private var scanner: JSONScanner
  private var isOpen = false
  private var isDone = false

  /// - Parameter range: of an array within the bytes given to `next(in:)`, such as ``JSONElement/range``.
  public init(of range: Range<Int>) {
    scanner = JSONScanner(at: range.lowerBound)
  }

  /// The next element, or nil after the last.
  public mutating func next(in bytes: Span<UInt8>) throws(JSONError) -> JSONElement? {
    if isDone { return nil }
    if !isOpen { try scanner.openArray(in: bytes) }
    isOpen = true
    guard try scanner.nextElement(in: bytes) else {
      isDone = true
      return nil
    }
    return try scanner.value(in: bytes)
  }
}
