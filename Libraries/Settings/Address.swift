/// A host and a port, written as `host:port` or `[::1]:port`.
public struct Address: SettingValue, Hashable, CustomStringConvertible {
  /// A name or an address; an IPv6 address stands without its brackets.
  public var host: String
  /// 0 asks for any free port where one listens.
  public var port: Int

  public init(_ host: String, _ port: Int) {
    self.host = host
    self.port = port
  }

  public static var settingTypeName: String { "host:port" }

  public static func parseSetting(_ text: String) throws(SettingFault) -> Address {
    let remedy = "write host:port, such as localhost:9092 or [::1]:9092"
    guard let colon = text.lastIndex(of: ":") else { throw SettingFault("has no port", remedy: remedy) }
    let digits = text[text.index(after: colon)...]
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(digits), port <= 65535
    else {
      throw SettingFault("has a port that is not a number from 0 to 65535", remedy: remedy)
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw SettingFault("is ambiguous", remedy: "put an IPv6 address in brackets, such as [::1]:9092")
    }
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }) else {
      throw SettingFault("has no host", remedy: remedy)
    }
    return Address(String(host), port)
  }

  public var settingText: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
  public var description: String { settingText }
}

/// An http or https URL of a service, kept as text without a slash at its end, ready to have a path appended.
public struct ServiceURL: SettingValue, Hashable, CustomStringConvertible {
  public let text: String

  public init(_ text: String) throws(SettingFault) {
    let remedy = "write http://host:port or https://host:port"
    let lower = text.lowercased()
    guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix) else {
      throw SettingFault("is not an http or https URL", remedy: remedy)
    }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw SettingFault("has a character that a URL cannot have", remedy: "percent-encode it")
    }
    guard !text.contains("?"), !text.contains("#") else {
      throw SettingFault("has a query or a fragment", remedy: remedy)
    }
    let authority = text.dropFirst(scheme.count).prefix { $0 != "/" }
    let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    guard !host.isEmpty, !host.hasPrefix(":") else { throw SettingFault("has no host", remedy: remedy) }
    var text = text[...]
    while text.last == "/" { text.removeLast() }
    self.text = String(text)
  }

  public static var settingTypeName: String { "url" }
  public static func parseSetting(_ text: String) throws(SettingFault) -> ServiceURL { try ServiceURL(text) }
  /// As it may be shown: `text` without a password.
  public var settingText: String {
    let scheme = text.prefix { $0 != "/" } + "//"
    let authority = text.dropFirst(scheme.count).prefix { $0 != "/" }
    guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else { return text }
    return "\(text[...colon])********\(text[at...])"
  }
  public var description: String { settingText }
}
