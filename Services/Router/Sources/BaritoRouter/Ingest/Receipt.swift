import BaritoCore
import Kafka

/// What is said of a batch that is in Kafka.
struct Receipt: Sendable {
  var topic: String
  var accepted: Int
  /// Of the documents as they were stored.
  var bytes: Int
  var ranges: [DeliveryResult.Range]

  /// `{"topic","accepted","bytes","receipt":[{"partition","first_offset","last_offset","count"}]}`.
  var jsonBytes: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("topic", topic)
      json.member("accepted", accepted)
      json.member("bytes", bytes)
      json.key("receipt")
      json.array { json in
        for range in ranges.sorted(by: { $0.partition < $1.partition }) {
          json.object { json in
            json.member("partition", range.partition)
            json.member("first_offset", range.firstOffset)
            json.member("last_offset", range.lastOffset)
            json.member("count", range.count)
          }
        }
      }
    }
    return json.bytes
  }
}
