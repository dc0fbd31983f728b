/// What a client asked for, without its body.
public struct HTTPRequest: Sendable {
  /// Upper case as sent, such as `GET`.
  public let method: String
  /// The request target as sent, query included.
  public let target: String
  /// The path as sent, escapes kept.
  public let path: String
  /// The parts of the path between slashes, decoded after splitting: an escaped slash stays inside its part.
  ///
  /// `/` has none; a trailing slash gives an empty last one.
  public let segments: [String]
  /// The decoded query.
  public let query: HTTPQuery
  public let headers: HTTPHeaders
  /// The address of the other end, without its port: `127.0.0.1`, `::1`.
  public let peer: String
  /// Values of the placeholders of the matched route, by name.
  public internal(set) var parameters: [String: String] = [:]

  /// - Returns: nil when the target is no path, or holds a bad escape or text that is not UTF-8.
  public init?(method: String, target: String, headers: HTTPHeaders = [:], peer: String = "127.0.0.1") {
    var text = target.utf8[...]
    if text.first != UInt8(ascii: "/"), let scheme = target.utf8.firstRange(of: "://".utf8) {
      // The absolute form that proxies send: what follows the authority is the path.
      let rest = target.utf8[scheme.upperBound...]
      text = rest[(rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex)...]
    } else if text.first != UInt8(ascii: "/"), target != "*" {
      return nil
    }
    let mark = text.firstIndex(of: UInt8(ascii: "?"))
    let path = text[..<(mark ?? text.endIndex)]
    var segments: [String] = []
    if !path.isEmpty, !path.elementsEqual("/".utf8) {
      let relative = path.first == UInt8(ascii: "/") ? path.dropFirst() : path
      for part in relative.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
        guard let segment = PercentEncoding.decode(part) else { return nil }
        segments.append(segment)
      }
    }
    if let mark {
      guard let query = HTTPQuery(decoding: text[text.index(after: mark)...]) else { return nil }
      self.query = query
    } else {
      self.query = HTTPQuery()
    }
    self.method = method
    self.target = target
    self.path = path.isEmpty ? "/" : String(Substring(path))
    self.segments = segments
    self.headers = headers
    self.peer = peer
  }

  /// The value of a cookie, or nil.
  public func cookie(_ name: String) -> String? {
    for header in headers.all("Cookie") {
      for pair in header.split(separator: ";") {
        let pair = pair.drop { $0 == " " }
        guard let equals = pair.firstIndex(of: "="), pair[..<equals] == name else { continue }
        return String(pair[pair.index(after: equals)...])
      }
    }
    return nil
  }
}
