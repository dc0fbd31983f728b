import BaritoCore
import HTTP
import Kafka

/// The answer to a batch that is in Kafka.
struct Receipt: Sendable {
  var topic: String
  var accepted: Int
  /// Of the documents as they were stored.
  var bytes: Int
  var ranges: [DeliveryResult.Range]

  /// The topic and a line feed, as the first Barito answered; JSON for whoever asks for it.
  func response(asJSON: Bool) -> HTTPResponse {
    guard asJSON else { return .text(topic + "\n") }
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
    return .json(json.bytes)
  }

  static func isWanted(_ request: HTTPRequest) -> Bool {
    request.headers["Accept"]?.contains("application/json") ?? false
  }
}
