import CRdkafka
import Settings

/// `barito-bench bulk-load`: what indexing the same documents costs without a Flow. Reads a topic, makes bulk bodies of all
/// of it, and only then sends them, on as many connections as Flow has, each the next one when the last was answered.
enum BulkLoad {
  static let name = "bulk-load"

  /// As Flow asks for answers, as many documents as it puts into a request, as many requests as it has under way: its
  /// defaults, with which a test compares these.
  static let path =
    "/_bulk?timeout=3s&filter_path=errors,items.*._id,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason"
  static let batch = 5000
  static let connections = 4

  static let index = Setting(required: "index", String.self, "What the names of the indices have before the day.")

  static let program = Program(
    name, "Sends ready-made bulk requests of a topic's lines.",
    settings: [
      BareCommands.brokers, BareCommands.topic, BareCommands.topics, BareCommands.properties, BareCommands.count,
      BenchConfiguration.partitions, LoadCommand.port, index,
    ])

  static func run(_ settings: SettingsReader) throws {
    let consumer = BareConsumer(
      properties: BareSettings.consumer(brokers: settings[BareCommands.brokers], settings[BareCommands.properties]),
      topics: BareCommands.topicNames(settings), partitions: settings[BenchConfiguration.partitions])
    var bodies = BulkBodies(indexPrefix: settings[index], batch: batch)
    _ = try consumer.poll(settings[BareCommands.count]) { message in
      var message = message
      var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
      let timestamp = rd_kafka_message_timestamp(&message, &type)
      bodies.add(
        UnsafeRawBufferPointer(start: message.payload, count: message.len), partition: message.partition,
        offset: message.offset, timestamp: timestamp)
    }
    let generator = LoadGenerator(
      port: settings[LoadCommand.port], connections: connections, requests: bodies.bodies.map(request),
      accepts: { String(decoding: $0.prefix(64), as: UTF8.self).contains(#""errors":false"#) })
    let cpu = ProcessUsage.ownCPUSeconds
    let result = try generator.run(until: .allAreSent)
    let own = ProcessUsage.ownCPUSeconds - cpu
    try BareCommands.report(lines: settings[BareCommands.count], result.seconds, own)
  }

  private static func request(_ body: [UInt8]) -> [UInt8] {
    let head =
      "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-ndjson\r\n"
      + "Content-Length: \(body.count)\r\n\r\n"
    return Array(head.utf8) + body
  }
}
