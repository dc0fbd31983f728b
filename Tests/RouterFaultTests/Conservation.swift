import BaritoCore
import Kafka
import TestKit
import Testing

/// The oracle: every acknowledged line is in Kafka, and nothing is there that nobody sent. A batch that was sent again may
/// lie there twice, under the name and place by which Flow knows it again: then both are the same line.
struct Conservation: Sendable {
  let kafka: KafkaConfiguration
  var topic = "shop_logs"

  func expect(_ sent: Sent.Account, within limit: Duration = .seconds(60)) async throws {
    #expect(sent.complaints.isEmpty, "\(sent.complaints.count) complaints, such as \(sent.complaints.prefix(3))")
    #expect(!sent.acknowledged.isEmpty, "nothing was acknowledged: \(sent.answers)")
    let stored = try await lines(including: sent.acknowledged, within: limit)
    let lost = sent.acknowledged.subtracting(stored)
    #expect(lost.isEmpty, "\(lost.count) of \(sent.acknowledged.count) acknowledged lines are lost: \(lost.prefix(3))")
    let foreign = stored.subtracting(sent.tried)
    #expect(foreign.isEmpty, "\(foreign.count) lines that nobody sent: \(foreign.prefix(3))")
  }

  /// Reads the topic from its beginning until all these have come, or the time is up.
  private func lines(including wanted: Set<Sent.Line>, within limit: Duration) async throws -> Set<Sent.Line> {
    let admin = try KafkaAdmin(kafka)
    var starts: [TopicPartition: StartOffset] = [:]
    try await eventually(within: limit, "there is a topic \(topic)") {
      for partition in 0..<((try? await admin.partitionCount(of: topic)) ?? 0) {
        starts[TopicPartition(topic, Int32(partition))] = .beginning
      }
      return !starts.isEmpty
    }
    await admin.close()
    let consumer = try KafkaConsumer(kafka)
    try await consumer.assign(starts)
    var stored: Set<Sent.Line> = []
    var missing = wanted
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
      let batch = try await consumer.nextBatch(wait: .seconds(1))
      if batch.isEmpty, missing.isEmpty { break }
      for record in batch.records {
        var headers: [String: String] = [:]
        for header in batch.headers(of: record) { headers[header.name] = String(decoding: header.value, as: UTF8.self) }
        // Lines without a name are no senders': a test asked how the Router does.
        guard let name = headers[RecordHeader.batchID] else { continue }
        let item = headers[RecordHeader.batchItem].flatMap { Int($0) } ?? -1
        let value = String(decoding: batch.bytes[record.value], as: UTF8.self)
        if !value.hasPrefix(#"{"b":"\#(name)","i":\#(item),"#) {
          Issue.record("a record named \(name), \(item) holds \(value.prefix(80))")
        }
        let line = Sent.Line(batch: name, item: item)
        stored.insert(line)
        missing.remove(line)
      }
    }
    await consumer.close(within: .seconds(5))
    return stored
  }
}
