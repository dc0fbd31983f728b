/// One HTTP request.
public struct CurlRequest: Sendable {
  /// Sent as written: `GET`, `POST`, `PUT`, …
  public var method: String
  /// Absolute, http or https, already percent-encoded (see `URLText`).
  public var url: String
  /// Sent in this order. `Host` and `Content-Length` are added.
  public var headers: [(name: String, value: String)]
  /// Nil sends no body, an empty array sends one of length zero.
  public var body: [UInt8]?
  /// From the call to the last byte of the answer; nil is without limit, for streams.
  public var timeout: Duration?
  /// Until the connection stands, TLS included.
  public var connectTimeout: Duration
  /// Ends the request when no byte moves in either direction for this long (rounded up to seconds); nil never does.
  public var idleTimeout: Duration?
  /// A longer answer, counted after decompression, is refused. Chunks of a stream are not counted.
  public var maxResponseBytes: Int
  /// Asks the server to compress, and decompresses its answer.
  public var acceptsCompression: Bool

  public init(
    _ method: String, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
    timeout: Duration? = .seconds(30), connectTimeout: Duration = .seconds(5), idleTimeout: Duration? = nil,
    maxResponseBytes: Int = 16 << 20, acceptsCompression: Bool = false
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.connectTimeout = connectTimeout
    self.idleTimeout = idleTimeout
    self.maxResponseBytes = maxResponseBytes
    self.acceptsCompression = acceptsCompression
  }

  /// Replaces every header of this name (in any case); nil removes them.
  public mutating func setHeader(_ name: String, _ value: String?) {
    headers.removeAll { $0.name.lowercased() == name.lowercased() }
    if let value { headers.append((name, value)) }
  }

  /// Sends `Authorization: Bearer`.
  public mutating func authorize(bearer token: String) { setHeader("Authorization", "Bearer \(token)") }

  /// Sends `Authorization: Basic`.
  public mutating func authorize(user: String, password: String) {
    setHeader("Authorization", "Basic \(URLText.base64(Array("\(user):\(password)".utf8)))")
  }
}

/// The answer to a request, whatever its status.
public struct CurlResponse: Sendable {
  public var status: Int
  /// In the order received, names as the server spells them.
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]

  public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The first header of this name, in any case.
  public subscript(header name: String) -> String? {
    let name = name.lowercased()
    return headers.first { $0.name.lowercased() == name }?.value
  }

  /// Whether the status is 2xx.
  public var isSuccess: Bool { (200..<300).contains(status) }
  /// The body as text; invalid UTF-8 becomes U+FFFD.
  public var text: String { String(decoding: body, as: UTF8.self) }
}
