/// The parts of an `http` or `https` URL that some configurations want one by one.
struct URLParts: Sendable, Equatable {
  var isSecure: Bool
  /// An IPv6 address stands in brackets.
  var host: String
  var port: Int
  var path: String

  init(_ url: String) {
    isSecure = url.lowercased().hasPrefix("https:")
    let schemeLength = isSecure ? 8 : url.lowercased().hasPrefix("http://") ? 7 : 0
    let rest = url.dropFirst(schemeLength)
    let authority = rest.prefix { $0 != "/" }
    path = authority.endIndex == rest.endIndex ? "/" : String(rest[authority.endIndex...])
    let address = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? authority
    // The colons of an IPv6 address stand in brackets, before the one of the port.
    let afterAddress = address.lastIndex(of: "]") ?? address.startIndex
    let colon = address[afterAddress...].lastIndex(of: ":")
    host = String(address[..<(colon ?? address.endIndex)])
    port = colon.flatMap { Int(address[address.index(after: $0)...]) } ?? (isSecure ? 443 : 80)
  }

  /// The host without brackets, as it is written where no port follows.
  var bareHost: String { host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host }

  /// The URL with its port written out, for clients of Elasticsearch, who take 9200 otherwise.
  var withPort: String { "\(isSecure ? "https" : "http")://\(host):\(port)\(path == "/" ? "" : path)" }
}
