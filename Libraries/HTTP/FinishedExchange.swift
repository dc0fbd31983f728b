/// What became of one request, for metrics and access logs.
public struct FinishedExchange: Sendable {
  public enum Outcome: String, Sendable {
    /// The whole answer was handed to the network.
    case answered
    /// The connection ended before: the client left, or was cut off for being slow.
    case aborted
  }

  /// One of the common methods, else `OTHER`: a bounded label.
  public let method: String
  /// The pattern of the route, such as `/apps/{id}`; empty when none matched. A bounded label.
  public let pattern: String
  /// 0 when the connection ended before there was an answer.
  public let status: Int
  /// From the first line of the request to the last byte of the answer.
  public let duration: Duration
  /// Bytes of the request's body that were read, without framing.
  public let bytesIn: Int
  /// Bytes of the answer's body, without headers and framing.
  public let bytesOut: Int
  public let outcome: Outcome

  static func known(_ method: String) -> String {
    switch method {
    case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS": method
    default: "OTHER"
    }
  }
}
