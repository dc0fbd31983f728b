import BaritoCore
import Glibc
import Kafka
import TestKit

/// What Kafka holds: the one side of the account that must balance. Read by a consumer of nobody's group, and with the
/// identities worked out here again from what `Services/Flow/README.md` says.
struct KafkaLedger: Sendable {
  struct Record: Sendable {
    var place: Place
    /// Where its document must lie.
    var document: Document
    var value: [UInt8]
    var isPoison: Bool { value.starts(with: Lines.poison) }
  }

  struct Place: Hashable, Sendable, CustomStringConvertible {
    var topic: String
    var partition: Int32
    var offset: Int64
    var description: String { "\(topic)[\(partition)]@\(offset)" }
  }

  struct Document: Hashable, Sendable, CustomStringConvertible {
    var index: String
    var id: String
    var description: String { "\(index)/\(id)" }
  }

  var records: [Record] = []

  /// Reads the topics of a stage from their beginnings to where they end now.
  static func read(_ stage: FlowStage, within limit: Duration = .seconds(120)) async throws -> KafkaLedger {
    let consumer = try KafkaConsumer(stage.configuration)
    let ranges = try await consumer.watermarks(stage.topicPartitions)
    try await consumer.assign(ranges.mapValues { .offset($0.lowerBound) })
    var waiting = ranges.filter { !$0.value.isEmpty }.mapValues(\.upperBound)
    var ledger = KafkaLedger()
    try await eventually(within: limit, "the topics are read to their ends") {
      let batch = try await consumer.nextBatch(maxRecords: 5000, wait: .milliseconds(500))
      for record in batch.records {
        let partition = batch.topicPartition(of: record)
        guard let end = ranges[partition]?.upperBound, record.offset < end else { continue }
        ledger.records.append(Record(record, in: batch, of: stage))
        if record.offset == end - 1 { waiting[partition] = nil }
      }
      return waiting.isEmpty
    }
    await consumer.close(within: .seconds(5))
    return ledger
  }
}

extension KafkaLedger.Record {
  init(_ record: RecordBatch.Record, in batch: RecordBatch, of stage: FlowStage) {
    let topic = batch.topic(of: record)
    place = KafkaLedger.Place(topic: topic, partition: record.partition, offset: record.offset)
    value = Array(batch.bytes[record.value])
    func header(_ name: String) -> String? {
      batch.header(name, of: record).map { String(decoding: $0, as: UTF8.self) }
    }
    var time = record.timestamp
    let id: String
    if let name = header("barito-batch-id"), let batchTime = header("barito-batch-time").flatMap({ Int64($0) }),
      let item = header("barito-batch-item").flatMap({ Int64($0) })
    {
      time = batchTime
      id = "\(name)-\(base32(time, 10))-\(base32(item, 7))"
    } else {
      id = base32(time, 10) + base32(Int64(record.partition), 7) + base32(record.offset, 13)
    }
    let prefix = topic.dropLast(stage.naming.suffix.count)
    document = KafkaLedger.Document(index: "\(prefix)-\(day(time))", id: id)
  }
}

/// With the digits `0-9a-v`, in a fixed width.
private func base32(_ number: Int64, _ width: Int) -> String {
  let digits = String(number, radix: 32)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// The C library's calendar, as Flow's own is what is judged.
private func day(_ milliseconds: Int64) -> String {
  var seconds = time_t(milliseconds / 1000)
  var parts = tm()
  gmtime_r(&seconds, &parts)
  func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
  return "\(parts.tm_year + 1900).\(padded(parts.tm_mon + 1)).\(padded(parts.tm_mday))"
}
