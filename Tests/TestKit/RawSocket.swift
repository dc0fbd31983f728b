import Dispatch
import Glibc
import Synchronization

/// A TCP client that sends and reads exactly what a test says. Every call has a deadline of its own.
///
/// Calls block on a thread of the socket's own, never on the pool that the tested code needs. Use it from one task at
/// a time.
public final class RawSocket: Sendable {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  public let descriptor: CInt
  private let isOpen = Mutex(true)
  private let queue = DispatchQueue(label: "test.socket")

  /// Connects to 127.0.0.1.
  ///
  /// - Parameter receiveBuffer: bytes the kernel may hold unread; small values make a slow reader felt at once.
  public init(port: Int, timeout: Int = 10, receiveBuffer: Int? = nil) throws {
    descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(description: "socket: \(String(cString: strerror(errno)))") }
    var limit = timeval(tv_sec: timeout, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
    var on: CInt = 1
    setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
    if var size = receiveBuffer.map({ CInt($0) }) {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      let reason = String(cString: strerror(errno))
      Glibc.close(descriptor)
      isOpen.withLock { $0 = false }
      throw Failure(description: "connect to port \(port): \(reason)")
    }
  }

  deinit { close() }

  public func close() {
    isOpen.withLock { isOpen in
      if isOpen { _ = Glibc.close(descriptor) }
      isOpen = false
    }
  }

  /// Closes with a reset instead of a farewell.
  public func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    close()
  }

  /// Says that nothing more will be sent; answers can still be read.
  public func finishSending() { _ = shutdown(descriptor, CInt(SHUT_WR)) }

  public func send(_ text: String) async throws { try await send(Array(text.utf8)) }

  public func send(_ bytes: [UInt8]) async throws { try await blocking { try self.sendAll(bytes) } }

  private func sendAll(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, CInt(MSG_NOSIGNAL))
      }
      guard count > 0 else {
        throw Failure(description: "send after \(sent) of \(bytes.count) bytes: \(String(cString: strerror(errno)))")
      }
      sent += count
    }
  }

  /// Reads what is there, at most `count` bytes, waiting for the first; empty at the end of the stream.
  public func read(upTo count: Int = 65536) async throws -> [UInt8] {
    try await blocking { try self.readSome(count) }
  }

  private func readSome(_ count: Int) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    let read = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, count, 0) }
    guard read >= 0 else { throw Failure(description: "receive: \(String(cString: strerror(errno)))") }
    return Array(buffer[..<read])
  }

  /// Reads until `text` has come, and returns everything up to its end and whatever came with it.
  public func read(until text: String) async throws -> String {
    var bytes: [UInt8] = []
    while bytes.firstRange(of: text.utf8) == nil {
      let more = try await read()
      guard !more.isEmpty else {
        throw Failure(description: "the stream ended before \"\(text)\": \(String(decoding: bytes, as: UTF8.self))")
      }
      bytes += more
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads until the other end closes.
  public func readToEnd() async throws -> String {
    var bytes: [UInt8] = []
    while true {
      let more = try await read()
      if more.isEmpty { return String(decoding: bytes, as: UTF8.self) }
      bytes += more
    }
  }

  private func blocking<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result(catching: work)) }
    }
  }
}
