import Glibc

/// TCP on 127.0.0.1.
enum Loopback {
  /// - Returns: the descriptor of a connection, without delay of small segments.
  static func connect(to port: Int) throws -> CInt {
    let descriptor = try open()
    var address = address(port)
    let result = withSocketAddress(&address) { Glibc.connect(descriptor, $0, $1) }
    guard result == 0 else {
      defer { close(descriptor) }
      throw BenchError("cannot connect to 127.0.0.1:\(port): \(systemError())")
    }
    noDelay(descriptor)
    return descriptor
  }

  /// - Returns: a listening descriptor, and its port, which the kernel chose.
  static func listen() throws -> (descriptor: CInt, port: Int) {
    let descriptor = try open()
    var address = address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    guard withSocketAddress(&address, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 128) == 0,
      withUnsafeMutablePointer(
        to: &address,
        { pointer in
          pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }) == 0
    else {
      defer { close(descriptor) }
      throw BenchError("cannot listen on 127.0.0.1: \(systemError())")
    }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }

  /// A port that nobody listens on just now.
  static func freePort() throws -> Int {
    let (descriptor, port) = try listen()
    close(descriptor)
    return port
  }

  /// Whether a service says on its admin port that it is ready.
  static func isReady(port: Int) -> Bool { (try? request("GET", "/readyz", port: port))?.status == 200 }

  /// One request without a body, on a connection of its own, and its answer.
  static func request(
    _ method: String, _ path: String, port: Int, within seconds: Int = 30
  ) throws -> (status: Int, body: [UInt8]) {
    let descriptor = try connect(to: port)
    defer { close(descriptor) }
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    let request = Array(head.utf8)
    guard send(descriptor, request, request.count, CInt(MSG_NOSIGNAL)) == request.count else {
      throw BenchError("cannot send \(method) \(path): \(systemError())")
    }
    var (reader, body) = (MessageReader(), [UInt8]())
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { throw BenchError("\(method) \(path) is not answered: \(systemError())") }
      let progress = try buffer[..<count].withUnsafeBytes { try reader.take($0) { body += $0 } }
      guard progress == .complete else { continue }
      guard let status = reader.startLine.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
        throw BenchError("\(method) \(path) is answered: \(reader.startLine)")
      }
      return (status, body)
    }
  }

  static func noDelay(_ descriptor: CInt) {
    var on: CInt = 1
    setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
  }

  private static func open() throws -> CInt {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw BenchError("cannot make a socket: \(systemError())") }
    return descriptor
  }

  private static func address(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return address
  }

  private static func withSocketAddress(
    _ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
  ) -> CInt {
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }
}
