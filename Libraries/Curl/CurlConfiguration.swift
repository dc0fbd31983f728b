/// What all requests of a client or a pool have in common.
public struct CurlConfiguration: Sendable {
  /// Which proxy requests go through.
  public enum Proxy: Sendable, Equatable {
    case none
    /// As `http_proxy`, `https_proxy` and `no_proxy` say.
    case environment
    case url(String)
  }

  public var proxy: Proxy
  /// PEM file of the certificates to trust, instead of the system's.
  public var caFile: String?
  /// Accepts any certificate. For tests on one machine.
  public var isInsecure: Bool
  public var userAgent: String?

  public init(
    proxy: Proxy = .none, caFile: String? = nil, isInsecure: Bool = false, userAgent: String? = nil
  ) {
    self.proxy = proxy
    self.caFile = caFile
    self.isInsecure = isInsecure
    self.userAgent = userAgent
  }
}
