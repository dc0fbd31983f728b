import CProcess
import CRdkafka
import Glibc
import Settings

/// `barito-bench syslog-load`: sends syslog over TCP, where nothing is answered, so that only Kafka can tell what arrived.
enum SyslogLoad {
  static let name = "syslog-load"
  static let program = Program(
    name, "Sends syslog, and waits until Kafka has it.",
    settings: [
      LoadCommand.port, LoadCommand.server, BareCommands.brokers, BareCommands.topic, BareCommands.properties,
      LoadCommand.connections, LoadCommand.lineBytes, LoadCommand.time, BenchConfiguration.partitions, secret,
    ])
  static let secret = Setting(
    "secret", String?.self, default: nil, "The app's secret, in structured data of each message; empty for none.")

  static func run(_ settings: SettingsReader) throws {
    let kafka = try TopicEnd(
      BareSettings.consumer(brokers: settings[BareCommands.brokers], settings[BareCommands.properties]),
      topic: settings[BareCommands.topic], partitions: settings[BenchConfiguration.partitions])
    let frames = SyslogLoad.frames(500, bytes: settings[LoadCommand.lineBytes], secret: settings[secret])
    let start = try kafka.count()
    try warmUp(port: settings[LoadCommand.port], frames)
    try kafka.wait(for: start + frames.lines, within: .seconds(60))

    let process = Int32(settings[LoadCommand.server])
    let before = start + frames.lines
    let (own, others) = (ProcessUsage.ownCPUSeconds, try ProcessUsage.cpuSeconds(ofFamily: process))
    let (began, end) = (ContinuousClock.now, ContinuousClock.now + settings[LoadCommand.time])
    let connections = try (0..<settings[LoadCommand.connections]).map { _ in
      try Loopback.connect(to: settings[LoadCommand.port])
    }
    defer { for connection in connections { close(connection) } }
    let lines = try send(frames, on: connections, until: end)
    try kafka.wait(for: before + lines, within: .seconds(60))
    Bench.tell(
      Report([
        "lines": Double(lines), "seconds": (ContinuousClock.now - began) / .seconds(1),
        "cpu": ProcessUsage.ownCPUSeconds - own,
        "server-cpu": try ProcessUsage.cpuSeconds(ofFamily: process) - others,
      ]))
  }

  /// Lines of RFC 5424, each with its length in front (RFC 6587), in one piece.
  static func frames(_ lines: Int, bytes: Int, secret: String? = nil) -> (bytes: [UInt8], lines: Int) {
    let own = secret.map { "[barito@32473 secret=\"\($0)\"]" } ?? "-"
    let head = Array("<14>1 2026-11-22T14:50:51.123Z web-1 orders 4711 - \(own) ".utf8)
    let frames = LogLines.make(lines, seed: 1, bytes: max(bytes, 200)).map { line in
      Array("\(bytes) ".utf8) + head + line.prefix(bytes - head.count)
    }
    return (Array(frames.joined()), lines)
  }

  /// Sends them once, as soon as somebody listens.
  private static func warmUp(port: Int, _ frames: (bytes: [UInt8], lines: Int)) throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      do {
        let connection = try Loopback.connect(to: port)
        defer { close(connection) }
        _ = try send(frames, on: [connection], until: .now)
        return
      } catch {
        guard ContinuousClock.now < deadline else { throw error }
        usleep(100_000)
      }
    }
  }

  /// Sends all of the frames on each connection again and again, at least once, and never a part of them only.
  /// - Returns: how many lines.
  private static func send(
    _ frames: (bytes: [UInt8], lines: Int), on connections: [CInt], until end: ContinuousClock.Instant
  ) throws -> Int {
    var sent = connections.map { _ in 0 }
    var (open, rounds) = (Set(connections.indices), 0)
    while !open.isEmpty {
      let waiting = open.sorted()
      var descriptors = waiting.map { pollfd(fd: connections[$0], events: Int16(POLLOUT), revents: 0) }
      guard poll(&descriptors, nfds_t(descriptors.count), 60_000) > 0 else {
        throw BenchError("syslog is not taken: \(systemError())")
      }
      for (place, descriptor) in zip(waiting, descriptors) where descriptor.revents != 0 {
        let count = frames.bytes.withUnsafeBytes {
          Glibc.send(
            descriptor.fd, $0.baseAddress.map { $0 + sent[place] }, frames.bytes.count - sent[place],
            CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
        }
        if count < 0, errno == EAGAIN || errno == EINTR { continue }
        guard count > 0 else { throw BenchError("cannot send syslog: \(systemError())") }
        sent[place] += count
        guard sent[place] == frames.bytes.count else { continue }
        sent[place] = 0
        rounds += 1
        if ContinuousClock.now >= end { open.remove(place) }
      }
    }
    return rounds * frames.lines
  }
}

/// How many records a topic has had.
private struct TopicEnd: ~Copyable {
  private let client: BareClient
  private let topic: String
  private let partitions: Int

  init(_ properties: [String: String], topic: String, partitions: Int) throws {
    client = try BareClient(RD_KAFKA_CONSUMER, properties)
    self.topic = topic
    self.partitions = partitions
  }

  func count() throws -> Int {
    var sum = 0
    for partition in 0..<partitions {
      var (low, high): (Int64, Int64) = (0, 0)
      let error = rd_kafka_query_watermark_offsets(client.raw, topic, Int32(partition), &low, &high, 10_000)
      guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
        throw BenchError("cannot ask for the end of \(topic): \(String(cString: rd_kafka_err2str(error)))")
      }
      sum += Int(high)
    }
    return sum
  }

  func wait(for count: Int, within limit: Duration) throws {
    let deadline = ContinuousClock.now + limit
    var have = try self.count()
    while have < count {
      guard ContinuousClock.now < deadline else { throw BenchError("\(topic) has \(have) of \(count) lines") }
      usleep(5000)
      have = try self.count()
    }
  }
}
