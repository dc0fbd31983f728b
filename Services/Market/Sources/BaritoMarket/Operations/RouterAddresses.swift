internal import Settings

/// Where senders reach the Router.
public struct RouterAddresses: Sendable, Equatable {
  /// Over HTTP, without a slash at its end.
  public var url: String
  /// With fluent's forward protocol.
  public var forward: StreamURL
  /// With syslog over TCP.
  public var syslog: StreamURL

  /// What is not given is at the host of the URL, at the protocol's port, with TLS where that is https.
  public init(url: String = "http://127.0.0.1:8081", forward: StreamURL? = nil, syslog: StreamURL? = nil) {
    self.url = url
    self.forward = forward ?? Self.besides(url, port: 24_224)
    self.syslog = syslog ?? Self.besides(url, port: 6_514)
  }

  /// Where the lines of an app are posted to.
  public var produceURL: String { url + "/produce_batch" }

  private static func besides(_ url: String, port: Int) -> StreamURL {
    let parts = URLParts(url)
    return StreamURL(isTLS: parts.isSecure, address: Address(parts.bareHost, port))
  }
}
