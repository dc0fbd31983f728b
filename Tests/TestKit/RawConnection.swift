import Glibc

/// The server's end of a connection of `RawServer`.
public struct RawConnection: Sendable {
  let descriptor: Int32

  public struct Request: Sendable {
    /// The first line: method, target, version.
    public var line: String
    public var headers: String
    public var body: [UInt8]
  }

  /// The next request, or nil when the client has gone.
  ///
  /// - Parameter share: how much of so many bytes of body is waited for; all of it where nothing is said.
  public func readRequest(share: (_ head: String, _ length: Int) -> Int = { $1 }) -> Request? {
    var bytes: [UInt8] = []
    let end: [UInt8] = [13, 10, 13, 10]
    var head: Range<Int>?
    while head == nil {
      guard readMore(&bytes) else { return nil }
      head = bytes.firstRange(of: end)
    }
    guard let head else { return nil }
    let text = String(decoding: bytes[..<head.lowerBound], as: UTF8.self)
    let lengthLine = text.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
    let length = lengthLine.flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
    let wanted = share(text, length)
    var body = Array(bytes[head.upperBound...])
    while body.count < wanted { guard readMore(&body) else { return nil } }
    return Request(line: String(text.prefix { $0 != "\r\n" }), headers: text, body: body)
  }

  /// Whether all of it was taken.
  @discardableResult
  public func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  @discardableResult
  public func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.send(descriptor, buffer.baseAddress.map { $0 + sent }, buffer.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  public func answer(_ body: String, status: String = "200 OK", headers: String = "") {
    send("HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  /// Blocks until the client closes.
  public func waitForClose() {
    var bytes: [UInt8] = []
    while readMore(&bytes) { bytes.removeAll(keepingCapacity: true) }
  }

  private func readMore(_ bytes: inout [UInt8]) -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    guard count > 0 else { return false }
    bytes.append(contentsOf: chunk[..<count])
    return true
  }
}
