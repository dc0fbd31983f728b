/// The decoded pairs of a query or of a form body, in the order they came.
public struct HTTPQuery: Sendable {
  /// Names and values; a name without `=` has an empty value.
  public private(set) var pairs: [(name: String, value: String)] = []

  public init() {}

  /// Decodes `a=1&b=x+y`, percent-escapes and `+` included.
  ///
  /// - Returns: nil for a bad escape or text that is not UTF-8.
  public init?(decoding text: some Collection<UInt8>) {
    for part in text.split(separator: UInt8(ascii: "&")) {
      let equals = part.firstIndex(of: UInt8(ascii: "="))
      let name = PercentEncoding.decode(part[..<(equals ?? part.endIndex)], plusIsSpace: true)
      let value = equals.map { PercentEncoding.decode(part[part.index(after: $0)...], plusIsSpace: true) } ?? ""
      guard let name, let value else { return nil }
      pairs.append((name, value))
    }
  }

  public var isEmpty: Bool { pairs.isEmpty }

  /// The first value of a name, or nil.
  public func first(_ name: String) -> String? { pairs.first { $0.name == name }?.value }

  /// Every value of a name, in order.
  public func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }
}
