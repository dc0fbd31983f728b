import Dispatch
import Glibc
import TestKit

/// Many connections that were served once and then say nothing.
final class IdleConnections: Sendable {
  private let port: Int
  private let sockets = Guarded<[RawSocket]>([])

  /// How many sockets this process may have, after raising its limit as far as it may.
  static let possible: Int = {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return 1024 }
    limit.rlim_cur = limit.rlim_max
    setrlimit(resource, &limit)
    return Int(clamping: limit.rlim_max)
  }()

  init(port: Int) { self.port = port }

  var count: Int { sockets.with { $0.count } }

  /// Opens so many, and has one request served on each: a connection without any is cut off soon.
  func open(_ count: Int) async throws {
    for _ in 0..<count {
      let socket = try RawSocket(port: port, timeout: 30)
      try await ping(socket)
      sockets.with { $0.append(socket) }
    }
  }

  /// Sends a request on so many of them.
  /// - Returns: how many are answered.
  func answered(_ count: Int) async throws -> Int {
    var answered = 0
    for socket in sockets.with({ $0.suffix(count) }) where (try? await ping(socket)) != nil { answered += 1 }
    return answered
  }

  func close() async { sockets.with { $0 = [] } }

  private func ping(_ socket: RawSocket) async throws {
    try await socket.send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
    _ = try await socket.read(until: "OK")
  }
}

extension RawSocket {
  /// Whether the other end has closed or reset it. What it sent before is dropped.
  var isClosedByPeer: Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT))
      if count == 0 { return true }
      if count < 0 { return errno != EAGAIN && errno != EINTR }
    }
  }
}
