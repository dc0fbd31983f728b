/// An error as `application/problem+json` (RFC 9457). It can be thrown: the default error mapper answers it.
public struct ProblemDocument: Error, Sendable, Equatable {
  /// A value of an extension member.
  public enum Value: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
  {
    case string(String)
    case integer(Int)
    case boolean(Bool)
    case strings([String])

    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
  }

  /// A URI that names the kind of problem.
  public var type: String
  /// The kind of problem in a few words, the same every time.
  public var title: String
  public var status: Int
  /// What went wrong this time and how to mend it; for people.
  public var detail: String?
  /// The kind of problem as one closed word; for programs.
  public var code: String?
  /// Further members, in order.
  public var extensions: [(name: String, value: Value)]
  /// Sent with the answer, such as `Retry-After` or `Allow`.
  public var headers: HTTPHeaders

  /// - Parameter title: the reason phrase of the status when left out.
  public init(
    status: Int, code: String? = nil, title: String? = nil, detail: String? = nil, type: String = "about:blank",
    extensions: KeyValuePairs<String, Value> = [:], headers: HTTPHeaders = [:]
  ) {
    self.type = type
    self.title = title ?? HTTPStatus.reason(status)
    self.status = status
    self.detail = detail
    self.code = code
    self.extensions = extensions.map { ($0.key, $0.value) }
    self.headers = headers
  }

  /// The document as JSON.
  public var jsonBytes: [UInt8] {
    var json = JSONText()
    json.member("type", .string(type))
    json.member("title", .string(title))
    json.member("status", .integer(status))
    if let detail { json.member("detail", .string(detail)) }
    if let code { json.member("code", .string(code)) }
    for (name, value) in extensions { json.member(name, value) }
    return json.closed
  }

  public static func == (a: ProblemDocument, b: ProblemDocument) -> Bool { a.jsonBytes == b.jsonBytes }
}

/// One flat JSON object, written member by member.
private struct JSONText {
  private var bytes: [UInt8] = [UInt8(ascii: "{")]

  var closed: [UInt8] { bytes + [UInt8(ascii: "}")] }

  mutating func member(_ name: String, _ value: ProblemDocument.Value) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    quote(name)
    bytes.append(UInt8(ascii: ":"))
    switch value {
    case .string(let text): quote(text)
    case .integer(let number): bytes.append(contentsOf: String(number).utf8)
    case .boolean(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    case .strings(let texts):
      bytes.append(UInt8(ascii: "["))
      for (index, text) in texts.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        quote(text)
      }
      bytes.append(UInt8(ascii: "]"))
    }
  }

  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        bytes.append(contentsOf: (byte < 0x10 ? "\\u000" : "\\u00").utf8)
        bytes.append(contentsOf: digits.utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
