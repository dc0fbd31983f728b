public import Settings

/// Where a protocol is spoken over a bare connection: `tls://host:port`, or `tcp://host:port` without TLS.
public struct StreamURL: SettingValue, Hashable, CustomStringConvertible {
  public var isTLS: Bool
  public var address: Address

  public init(isTLS: Bool, address: Address) {
    self.isTLS = isTLS
    self.address = address
  }

  /// An IPv6 address stands without brackets.
  public var host: String { address.host }
  public var port: Int { address.port }

  public static var settingTypeName: String { "tls or tcp url" }

  public static func parseSetting(_ text: String) throws(SettingFault) -> StreamURL {
    let schemes = ["tls://": true, "tcp://": false]
    guard let (scheme, isTLS) = schemes.first(where: { text.lowercased().hasPrefix($0.key) }) else {
      throw SettingFault("is not a tls or tcp URL", remedy: "write tls://host:port or tcp://host:port")
    }
    return StreamURL(isTLS: isTLS, address: try Address.parseSetting(String(text.dropFirst(scheme.count))))
  }

  public var settingText: String { "\(isTLS ? "tls" : "tcp")://\(address)" }
  public var description: String { settingText }
}
