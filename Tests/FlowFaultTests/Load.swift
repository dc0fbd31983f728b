import BaritoCore
import Kafka
import TestKit

/// Puts records into the topics of a stage until it is stopped. What came of them is read from Kafka, not remembered here.
final class Load: Sendable {
  private let stage: FlowStage
  private let going = Guarded(true)
  private let sent = Guarded(0)

  init(_ stage: FlowStage) { self.stage = stage }

  /// Records that were handed to the producer.
  var count: Int { sent.with { $0 } }

  func stop() { going.with { $0 = false } }

  /// Whether nobody has stopped it.
  var isRunning: Bool { going.with { $0 } }

  /// How the records of a load differ from plain ones.
  struct Shape: Sendable {
    /// One in so many is refused by Elasticsearch for good; 0 is none.
    var poisonEvery = 97
    /// One call in so many is a batch that its sender named, which comes twice; 0 is none.
    var namedEvery = 11
    /// Of each record, in milliseconds since 1970; nil is now.
    var timestamps: [Int64]?
  }

  /// Sends about so many records a second, to all apps alike, until `stop` or until `total` were sent.
  func run(perSecond: Int, total: Int = .max, name: String = "load", _ shape: Shape = Shape()) async throws {
    let producer = try KafkaProducer(stage.configuration)
    let perCall = max(1, perSecond / 50 / stage.topics.count)
    let start = ContinuousClock.now
    var (number, call) = (0, 0)
    while going.with({ $0 }), number < total {
      for topic in stage.topics {
        call += 1
        let named = shape.namedEvery > 0 && call % shape.namedEvery == 0 ? "\(name)-\(call)" : nil
        let poisonEvery = named == nil ? shape.poisonEvery : 0
        let values = (number..<min(total, number + perCall)).map {
          Lines.value($0, sender: name, isPoison: poisonEvery > 0 && $0 % poisonEvery == 1)
        }
        number += values.count
        let time = shape.timestamps.map { $0[call % $0.count] }
        // A sender that repeats its batch: two records each, one document.
        for _ in 0..<(named == nil ? 1 : 2) { try produce(values, to: topic, named: named, time: time, producer) }
        sent.with { [number] in $0 = number }
      }
      let due = Duration.seconds(Double(number) / Double(perSecond))
      let ahead = due - (ContinuousClock.now - start)
      if ahead > .milliseconds(5) { try await Task.sleep(for: ahead) }
    }
    // What a broker that is away does not acknowledge is not there; the oracle asks Kafka itself.
    _ = await producer.close(within: .seconds(60))
  }

  private func produce(
    _ values: [[UInt8]], to topic: String, named: String?, time: Int64?, _ producer: KafkaProducer
  ) throws {
    var bytes: [UInt8] = []
    let messages = values.enumerated().map { item, value in
      let start = bytes.count
      bytes += value
      let headers = named.map {
        [
          KafkaHeader(RecordHeader.batchID, $0), KafkaHeader(RecordHeader.batchTime, "\(Load.batchTime)"),
          KafkaHeader(RecordHeader.batchItem, "\(item)"),
        ]
      }
      return ProducerMessage(value: start..<bytes.count, headers: headers ?? [])
    }
    try producer.produce(messages, in: bytes.span, to: topic, timestamp: time, ticket: DeliveryTicket())
  }

  /// Of named batches, in milliseconds since 1970.
  static let batchTime: Int64 = 1_795_342_800_000
}
