/// What is filled into a reference configuration.
struct ShippingValues: Sendable {
  var appName: String
  /// The app's secret, or what stands in its place where it cannot be shown any more.
  var secret: String
  var router: RouterAddresses

  /// Whether a port of the Router speaks TLS.
  func isTLS(at port: ShippingGuide.Port) -> Bool {
    switch port {
    case .http: URLParts(router.url).isSecure
    case .forward: router.forward.isTLS
    case .syslog: router.syslog.isTLS
    }
  }

  /// The placeholders and what stands for them.
  var placeholders: [(name: String, value: String)] {
    let parts = URLParts(router.url)
    return [
      ("${BARITO_APP}", appName), ("${BARITO_SECRET}", secret),
      ("${BARITO_URL}", router.url), ("${BARITO_URL_WITH_PORT}", parts.withPort),
      ("${BARITO_HOST}", parts.bareHost), ("${BARITO_PORT}", "\(parts.port)"),
      ("${BARITO_PATH}", parts.path == "/" ? "" : parts.path),
      ("${BARITO_FORWARD_HOST}", router.forward.host),
      ("${BARITO_FORWARD_PORT}", "\(router.forward.port)"),
      ("${BARITO_SYSLOG_HOST}", router.syslog.host),
      ("${BARITO_SYSLOG_PORT}", "\(router.syslog.port)"),
    ]
  }

  /// A line with its placeholders replaced. What a value holds is not looked at again.
  func fill(_ line: Substring, _ quoting: Quoting, isComment: Bool) -> String {
    var filled = ""
    var rest = line
    let known = placeholders
    while let start = rest.firstIndex(of: "$") {
      filled += rest[..<start]
      rest = rest[start...]
      if let (name, value) = known.first(where: { rest.hasPrefix($0.name) }) {
        filled += isComment ? quoting.commented(value) : quoting.quoted(value)
        rest = rest.dropFirst(name.count)
      } else {
        filled.append(rest.removeFirst())
      }
    }
    return filled + rest
  }
}
