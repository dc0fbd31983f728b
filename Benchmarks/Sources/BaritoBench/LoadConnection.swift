import CProcess
import Glibc

/// One connection: what is being sent on it and what came back.
final class LoadConnection {
  private let descriptor: CInt
  private let accepts: ([UInt8]) -> Bool
  private var request: [UInt8] = []
  private var planned = ContinuousClock.now
  private var sent = 0
  private var reader = MessageReader()
  private var answer: [UInt8] = []
  /// Whether no answer is due.
  private(set) var isIdle = true

  /// - Parameter accepts: whether the body of a 200 says that every line was taken.
  init(port: Int, accepts: @escaping ([UInt8]) -> Bool) throws {
    descriptor = try Loopback.connect(to: port)
    self.accepts = accepts
  }

  func close() { Glibc.close(descriptor) }

  var interest: pollfd {
    pollfd(fd: descriptor, events: Int16(sent == request.count ? POLLIN : POLLIN | POLLOUT), revents: 0)
  }

  /// Starts to send; only where no answer is due.
  /// - Parameter planned: since when the answer is waited for, which may have passed.
  func begin(_ request: [UInt8], planned: ContinuousClock.Instant) throws {
    self.request = request
    self.planned = planned
    sent = 0
    isIdle = false
    try send()
  }

  /// Sends and reads what is possible now.
  /// - Returns: how long the answer took, when it has come; anything but an accepting 200 throws.
  func advance() throws -> Duration? {
    if sent < request.count { try send() }
    guard try receive() else { return nil }
    isIdle = true
    return ContinuousClock.now - planned
  }

  private func send() throws {
    while sent < request.count {
      let count = request.withUnsafeBytes {
        Glibc.send(
          descriptor, $0.baseAddress.map { $0 + sent }, request.count - sent, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
      }
      if count < 0, errno == EAGAIN || errno == EINTR { return }
      guard count > 0 else { throw BenchError("cannot send a request: \(systemError())") }
      sent += count
    }
  }

  /// - Returns: whether the whole answer has come.
  private func receive() throws -> Bool {
    try withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 16) { buffer in
      let count = recv(descriptor, buffer.baseAddress, buffer.count, CInt(MSG_DONTWAIT))
      if count < 0, errno == EAGAIN || errno == EINTR { return false }
      guard count > 0 else { throw BenchError("the service closed a connection") }
      let progress = try reader.take(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { answer += $0 }
      guard progress == .complete else { return false }
      guard reader.startLine.hasPrefix("HTTP/1.1 200 "), accepts(answer) else {
        let said = String(decoding: answer.prefix(1000), as: UTF8.self)
        throw BenchError("the service answered \(reader.startLine): \(said)")
      }
      reader.reset()
      answer.removeAll(keepingCapacity: true)
      return true
    }
  }
}
