/// Why a request got no answer. An answer with an error status is an answer, not a `CurlError`.
public struct CurlError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The kind of failure; a closed set, fit for a metric's label.
  public enum Code: String, Sendable, CaseIterable {
    /// No connection: refused, unreachable, or the proxy refused.
    case connect
    /// A time limit of the request passed.
    case timeout
    /// The host's name has no address, or the name service did not answer.
    case resolve
    /// The handshake failed, or the server's certificate is not trusted.
    case tls
    /// The server closed the connection before its answer was whole.
    case closed
    /// The answer is longer than the request allows.
    case tooLarge
    /// The caller's task was cancelled.
    case aborted
    /// Not an http or https URL.
    case badURL
    /// A header or method that cannot be sent.
    case badRequest
    /// Every client of the pool was busy for as long as one may wait.
    case busy
    case other
  }

  /// What the caller may do about it.
  public enum Disposition: String, Sendable {
    /// The same request may succeed later.
    case retry
    /// This request will never succeed, others may.
    case reject
    /// No request will succeed until the configuration is changed.
    case fatal
  }

  public var code: Code
  public var disposition: Disposition
  /// What could not be done, to what, and why; for logs. Holds neither credentials nor the URL's query.
  public var detail: String
  /// False only where it is certain that the server saw nothing of the request.
  public var requestMayHaveBeenSent: Bool

  public init(_ code: Code, _ disposition: Disposition, _ detail: String, requestMayHaveBeenSent: Bool = false) {
    self.code = code
    self.disposition = disposition
    self.detail = detail
    self.requestMayHaveBeenSent = requestMayHaveBeenSent
  }

  public var description: String { detail }
}
