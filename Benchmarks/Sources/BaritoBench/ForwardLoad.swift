import BaritoCore
import CProcess
import Glibc
import Settings

/// `barito-bench forward-load`: sends chunks of fluentd's forward protocol, on each connection the next one when the last
/// was acknowledged.
enum ForwardLoad {
  static let name = "forward-load"
  static let program = Program(
    name, "Sends chunks of fluentd's forward protocol to a Router.",
    settings: [
      LoadCommand.port, LoadCommand.server, LoadCommand.secret, LoadCommand.connections, LoadCommand.lines,
      LoadCommand.lineBytes, LoadCommand.time,
    ])

  static func run(_ settings: SettingsReader) throws {
    let (port, lines) = (settings[LoadCommand.port], settings[LoadCommand.lines])
    let chunks = (0..<16).map { number in
      chunk(
        LogLines.make(lines, seed: UInt64(number), bytes: settings[LoadCommand.lineBytes]),
        tag: "\(settings[LoadCommand.secret]).bench", number: number)
    }
    try warmUp(port, chunks[0])
    let process = Int32(settings[LoadCommand.server])
    let (own, others) = (ProcessUsage.ownCPUSeconds, try ProcessUsage.cpuSeconds(ofFamily: process))
    let (start, end) = (ContinuousClock.now, ContinuousClock.now + settings[LoadCommand.time])
    let connections = try (0..<settings[LoadCommand.connections]).map { _ in try ForwardConnection(port: port) }
    defer { for connection in connections { connection.close() } }
    var latencies: [Duration] = []
    var begun = 0
    while true {
      for connection in connections where connection.isIdle && ContinuousClock.now < end {
        try connection.begin(chunks[begun % chunks.count])
        begun += 1
      }
      let open = connections.filter { !$0.isIdle }
      if open.isEmpty { break }
      var descriptors = open.map(\.interest)
      guard poll(&descriptors, nfds_t(descriptors.count), 30_000) > 0 else {
        throw BenchError("no chunk is acknowledged: \(systemError())")
      }
      for (connection, descriptor) in zip(open, descriptors) where descriptor.revents != 0 {
        if let latency = try connection.advance() { latencies.append(latency) }
      }
    }
    guard let summary = Latencies(latencies) else { throw BenchError("no chunk was acknowledged") }
    Bench.tell(
      Report([
        "lines": Double(latencies.count * lines), "seconds": (ContinuousClock.now - start) / .seconds(1),
        "cpu": ProcessUsage.ownCPUSeconds - own,
        "server-cpu": try ProcessUsage.cpuSeconds(ofFamily: process) - others, "p50": summary.p50, "p99": summary.p99,
      ]))
  }

  private static func warmUp(_ port: Int, _ chunk: [UInt8]) throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      do {
        let connection = try ForwardConnection(port: port)
        defer { connection.close() }
        try connection.begin(chunk)
        while try connection.advance() == nil {
          var interest = connection.interest
          guard poll(&interest, 1, 10_000) > 0 else { throw BenchError("no chunk is acknowledged") }
        }
        return
      } catch {
        guard ContinuousClock.now < deadline else { throw error }
        usleep(100_000)
      }
    }
  }

  /// A chunk as `out_forward` with `require_ack_response` sends it: `[tag, events, {"size", "chunk"}]`, each event's
  /// record as long as a line is.
  static func chunk(_ lines: [[UInt8]], tag: String, number: Int) -> [UInt8] {
    let events = lines.flatMap { event($0) }
    var writer = MessagePackWriter()
    writer.array(3)
    writer.string(tag)
    writer.binary(events.span)
    writer.map(2)
    writer.string("size")
    writer.integer(Int64(lines.count))
    writer.string("chunk")
    writer.string(Base64.encode((0..<16).map { UInt8(truncatingIfNeeded: number + $0) }))
    return writer.bytes
  }

  /// `[time, {"level", "status", "message"}]`.
  private static func event(_ line: [UInt8]) -> [UInt8] {
    // An array of two, and fluentd's EventTime of eight bytes.
    var record = MessagePackWriter()
    record.map(3)
    record.string("level")
    record.string("info")
    record.string("status")
    record.integer(200)
    record.string("message")
    // In front of the text stands its length, in two bytes or in three.
    let room = line.count - record.bytes.count - 2
    record.string(utf8: line.span.extracting(0..<max(0, room < 256 ? room : room - 1)))
    return [0x92, 0xD7, 0x00, 0x69, 0x21, 0xCE, 0x40, 0, 0, 0, 0] + record.bytes
  }
}

/// One connection and the chunk that is on its way.
private final class ForwardConnection {
  private let descriptor: CInt
  private var chunk: [UInt8] = []
  private var sent = 0
  private var answer = 0
  private var began = ContinuousClock.now
  private(set) var isIdle = true

  /// `{"ack": 24 characters}`.
  private static let acknowledgement = 1 + 4 + 1 + 24

  init(port: Int) throws { descriptor = try Loopback.connect(to: port) }

  func close() { Glibc.close(descriptor) }

  var interest: pollfd {
    pollfd(fd: descriptor, events: Int16(sent == chunk.count ? POLLIN : POLLIN | POLLOUT), revents: 0)
  }

  func begin(_ chunk: [UInt8]) throws {
    self.chunk = chunk
    (sent, answer, began, isIdle) = (0, 0, .now, false)
    try send()
  }

  /// - Returns: how long the acknowledgement took, when it has come.
  func advance() throws -> Duration? {
    try send()
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = recv(descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT))
    if count < 0, errno == EAGAIN || errno == EINTR { return nil }
    guard count > 0 else { throw BenchError("the service closed a connection") }
    answer += count
    guard answer >= ForwardConnection.acknowledgement else { return nil }
    isIdle = true
    return .now - began
  }

  private func send() throws {
    while sent < chunk.count {
      let count = chunk.withUnsafeBytes {
        Glibc.send(
          descriptor, $0.baseAddress.map { $0 + sent }, chunk.count - sent, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
      }
      if count < 0, errno == EAGAIN || errno == EINTR { return }
      guard count > 0 else { throw BenchError("cannot send a chunk: \(systemError())") }
      sent += count
    }
  }
}
