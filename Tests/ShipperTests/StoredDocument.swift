import BaritoCore
import Kafka
import TestKit

/// A document as Kafka keeps it.
struct StoredDocument: Sendable {
  var json: JSON
  /// The record's own headers, by name.
  var headers: [String: String]

  /// The id that the sender gave.
  var id: String? { headers[RecordHeader.documentID] }

  /// Its JSON without members whose values no test can know. They must be there.
  func without(_ names: Set<String>) -> JSON {
    guard case .object(var members) = json else { return json }
    for name in names where members.removeValue(forKey: name) == nil { members["missing \(name)"] = .null }
    return .object(members)
  }
}

extension KafkaConfiguration {
  /// Reads a topic from its beginning, until `count` documents came and then nothing for a second.
  func documents(of topic: String, _ count: Int, within limit: Duration) async throws -> [StoredDocument] {
    let admin = try KafkaAdmin(self)
    var starts: [TopicPartition: StartOffset] = [:]
    try await eventually(within: limit, "there is a topic \(topic)") {
      for partition in 0..<(try await admin.partitionCount(of: topic) ?? 0) {
        starts[TopicPartition(topic, Int32(partition))] = .beginning
      }
      return !starts.isEmpty
    }
    await admin.close()
    let consumer = try KafkaConsumer(self)
    try await consumer.assign(starts)
    var all: [StoredDocument] = []
    let deadline = ContinuousClock.now + limit
    while true {
      let batch = try await consumer.nextBatch(wait: .seconds(1))
      for record in batch.records {
        var headers: [String: String] = [:]
        for header in batch.headers(of: record) { headers[header.name] = String(decoding: header.value, as: UTF8.self) }
        all.append(
          StoredDocument(
            json: try JSON(String(decoding: batch.bytes[record.value], as: UTF8.self)), headers: headers))
      }
      if batch.isEmpty, all.count >= count || ContinuousClock.now > deadline { break }
    }
    await consumer.close(within: .seconds(5))
    return all
  }
}
