import Glibc

/// The Kafka that both sides of every comparison talk to.
struct Broker {
  var address: String
  /// What it is, for the results.
  var title: String
  /// Properties of librdkafka that every client needs for it, the services' and the bare ones.
  var properties: [String: String] = [:]

  /// Where to get one from.
  enum Source: Equatable {
    case running(String)
    case engine(Engine)
    /// The server of noida-db, which is no Kafka: its numbers say little.
    case noida(String)
  }

  static func open(_ source: Source, _ children: Children) throws -> Broker {
    switch source {
    case .running(let address):
      return Broker(address: address, title: "the Kafka at \(address)")
    case .engine(let engine):
      let kafka = try engine.start("kafka", [], children)
      return Broker(address: kafka.address, title: "\(kafka.title), one broker on the same machine")
    case .noida(let program):
      let port = try Loopback.freePort()
      _ = try children.start(
        "noida-db", program,
        [
          "start", "--host", "127.0.0.1", "--data-dir", "\(children.folder)/noida", "--only", "kafka", "--kafka-port",
          "\(port)",
        ])
      try awaitConnection(to: port)
      return Broker(
        address: "127.0.0.1:\(port)", title: "noida-db, not a real Kafka",
        // It answers a fetch with the whole backlog of a partition.
        properties: ["receive.message.max.bytes": "2000000000"])
    }
  }

  private static func awaitConnection(to port: Int) throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while true {
      do {
        close(try Loopback.connect(to: port))
        return
      } catch {
        guard ContinuousClock.now < deadline else { throw error }
        try Interruption.sleep(.milliseconds(50))
      }
    }
  }
}
