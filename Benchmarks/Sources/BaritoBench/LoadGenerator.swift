import Glibc

/// Sends requests over keep-alive connections, on each the next one when the last was answered. One thread and `poll`,
/// so that it takes as little as possible of the machine that it shares with what it measures.
struct LoadGenerator {
  let port: Int
  let connections: Int
  let requests: ProduceRequests

  /// Sends one request again and again until it is answered 200: the service is up and the topic is there.
  func warmUp(within limit: Duration) throws {
    let deadline = ContinuousClock.now + limit
    while true {
      do {
        let connection = try LoadConnection(port: port, number: 0)
        defer { connection.close() }
        while try !connection.advance(requests.requests) { try wait([connection]) }
        return
      } catch {
        guard ContinuousClock.now < deadline else { throw error }
        usleep(100_000)
      }
    }
  }

  /// Sends for so long, then waits for the answers that are still due: they count, and so does their time.
  /// - Returns: how many requests were answered 200, and in how many seconds.
  func run(for duration: Duration) throws -> (answered: Int, seconds: Double) {
    let all = try (0..<connections).map { try LoadConnection(port: port, number: $0) }
    defer { for connection in all { connection.close() } }
    let start = ContinuousClock.now
    let end = start + duration
    var answered = 0
    var open = all
    var isSending = true
    while !open.isEmpty {
      try wait(open)
      for connection in open where try connection.advance(requests.requests, startsNext: isSending) { answered += 1 }
      if isSending, ContinuousClock.now >= end { isSending = false }
      if !isSending { open.removeAll { $0.isIdle } }
    }
    return (answered, (ContinuousClock.now - start) / .seconds(1))
  }

  private func wait(_ connections: [LoadConnection]) throws {
    var descriptors = connections.map { $0.interest }
    let count = poll(&descriptors, nfds_t(descriptors.count), 30_000)
    if count == 0 { throw BenchError("no answer for 30 seconds") }
    if count < 0, errno != EINTR { throw BenchError("cannot wait for answers: \(systemError())") }
  }
}

/// One connection: what is being sent on it and what came back.
private final class LoadConnection {
  private let descriptor: CInt
  private var number: Int
  private var sent = 0
  private var hasSentAll = false
  private var reader = MessageReader()
  private var answer: [UInt8] = []
  private(set) var isIdle = false

  init(port: Int, number: Int) throws {
    descriptor = try Loopback.connect(to: port)
    self.number = number
  }

  func close() { Glibc.close(descriptor) }

  var interest: pollfd {
    pollfd(fd: descriptor, events: Int16(hasSentAll ? POLLIN : POLLIN | POLLOUT), revents: 0)
  }

  /// Sends and reads what is possible now.
  /// - Returns: whether a request was answered 200.
  func advance(_ requests: [[UInt8]], startsNext: Bool = true) throws -> Bool {
    if !hasSentAll { try send(requests[number % requests.count]) }
    guard try receive() else { return false }
    number += 1
    sent = 0
    if startsNext {
      hasSentAll = false
      try send(requests[number % requests.count])
    } else {
      isIdle = true
    }
    return true
  }

  private func send(_ request: [UInt8]) throws {
    while sent < request.count {
      let count = request.withUnsafeBytes {
        Glibc.send(
          descriptor, $0.baseAddress.map { $0 + sent }, request.count - sent,
          CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
      }
      if count < 0, errno == EAGAIN || errno == EINTR { return }
      guard count > 0 else { throw BenchError("cannot send a request: \(systemError())") }
      sent += count
    }
    hasSentAll = true
  }

  /// - Returns: whether the whole answer has come.
  private func receive() throws -> Bool {
    try withUnsafeTemporaryAllocation(byteCount: 8192, alignment: 16) { buffer in
      let count = recv(descriptor, buffer.baseAddress, buffer.count, CInt(MSG_DONTWAIT))
      if count < 0, errno == EAGAIN || errno == EINTR { return false }
      guard count > 0 else { throw BenchError("the service closed a connection") }
      let progress = try reader.take(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { answer += $0 }
      guard progress == .complete else { return false }
      guard reader.startLine.hasPrefix("HTTP/1.1 200 ") else {
        throw BenchError("the service answered \(reader.startLine): \(String(decoding: answer, as: UTF8.self))")
      }
      reader.reset()
      answer.removeAll(keepingCapacity: true)
      return true
    }
  }
}
