import Dispatch
import Glibc
import Synchronization

/// A server on 127.0.0.1 that says exactly the bytes a test wants, right or wrong. Closes when it goes out of use.
final class RawServer: Sendable {
  let port: Int
  private let listener: Int32
  private let accepted = Mutex<[Int32]>([])

  /// How many connections there have been.
  var connections: Int { accepted.withLock { $0.count } }
  var url: String { "http://127.0.0.1:\(port)" }

  /// - Parameter script: runs once for each connection, on a thread of its own; the connection closes after it.
  init(_ script: @escaping @Sendable (Connection) -> Void) {
    let (listener, port) = Self.listen()
    self.listener = listener
    self.port = port
    DispatchQueue(label: "raw-server").async { [weak self] in
      while true {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0, let self else { return }
        self.accepted.withLock { $0.append(descriptor) }
        DispatchQueue(label: "raw-connection").async {
          script(Connection(descriptor: descriptor))
          shutdown(descriptor, Int32(SHUT_RDWR))
        }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
    accepted.withLock { for descriptor in $0 { shutdown(descriptor, Int32(SHUT_RDWR)) } }
  }

  /// A port that refuses.
  static func refusingPort() -> Int {
    // Bound and never listening, for as long as the tests run: a port that was closed may be somebody else's by now.
    bound().port
  }

  private static func listen() -> (descriptor: Int32, port: Int) {
    let (descriptor, port) = bound()
    precondition(Glibc.listen(descriptor, 64) == 0)
    return (descriptor, port)
  }

  private static func bound() -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        precondition(bind(descriptor, $0, size) == 0)
        getsockname(descriptor, $0, &size)
      }
    }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }
}

/// The server's end of a connection.
struct Connection: Sendable {
  let descriptor: Int32

  struct Request: Sendable {
    var line: String
    var headers: String
    var body: [UInt8]
  }

  /// The next request, or nil when the client has gone.
  func readRequest() -> Request? {
    var bytes: [UInt8] = []
    let end: [UInt8] = [13, 10, 13, 10]
    var head: Range<Int>?
    while head == nil {
      guard readMore(&bytes) else { return nil }
      head = bytes.firstRange(of: end)
    }
    let text = String(decoding: bytes[..<head!.lowerBound], as: UTF8.self)
    let lengthLine = text.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
    let length = lengthLine.flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
    var body = Array(bytes[head!.upperBound...])
    while body.count < length { guard readMore(&body) else { return nil } }
    return Request(line: String(text.prefix { $0 != "\r\n" }), headers: text, body: body)
  }

  /// Whether all of it was taken.
  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.send(descriptor, buffer.baseAddress! + sent, buffer.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  func answer(_ body: String, status: String = "200 OK", headers: String = "") {
    send("HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  /// Blocks until the client closes.
  func waitForClose() {
    var bytes: [UInt8] = []
    while readMore(&bytes) {}
  }

  private func readMore(_ bytes: inout [UInt8]) -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    guard count > 0 else { return false }
    bytes.append(contentsOf: chunk[..<count])
    return true
  }
}
