internal import BaritoCore
internal import Kafka

/// A record of one of Market's topics, with its bytes.
struct InboxRecord: Sendable, Equatable {
  var topic: String
  var partition: Int32
  var offset: Int64
  /// Milliseconds since 1970.
  var timestamp: Int64
  var value: [UInt8]

  /// The records of a batch, in its order.
  static func all(of batch: RecordBatch) -> [InboxRecord] {
    batch.records.map { record in
      InboxRecord(
        topic: batch.topic(of: record), partition: record.partition, offset: record.offset,
        timestamp: record.timestamp, value: Array(batch.bytes[record.value]))
    }
  }

  /// What a record says; what it cannot be read as is nil.
  var content: Content? {
    switch topic {
    case PlatformTopic.provisioningEvents:
      guard let event = try? WireJSON.decode(ProvisioningEvent.self, from: value),
        event.version == ProvisioningEvent.currentVersion, Timestamp(milliseconds: event.at) != nil
      else { return nil }
      return .event(event)
    case PlatformTopic.usage:
      guard let report = try? WireJSON.decode(UsageReport.self, from: value),
        report.version == UsageReport.currentVersion, report.to >= 0, Timestamp(milliseconds: report.to) != nil,
        report.apps.allSatisfy({ $0.lastLineAt.map { Timestamp(milliseconds: $0) != nil } ?? true }),
        report.secrets?.allSatisfy({ Timestamp(milliseconds: $0.at) != nil }) ?? true
      else { return nil }
      return .usage(report)
    default: return nil
    }
  }

  enum Content: Sendable {
    case event(ProvisioningEvent)
    case usage(UsageReport)
  }
}
