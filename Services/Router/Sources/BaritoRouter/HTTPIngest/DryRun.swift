import BaritoCore
import HTTP

/// `?dry_run=1`: what would be stored and where, with nothing stored, counted or made.
struct DryRun: Sendable {
  private let topic: String
  private let batch: DocumentBatch

  init(_ batch: DocumentBatch, _ admission: Admission) {
    self.batch = batch
    topic = admission.topic
  }

  static func isWanted(_ request: HTTPRequest) -> Bool { request.query.first("dry_run") == "1" }

  /// `{"dry_run":true,"topic","accepted","bytes","documents":[…]}`, the documents as Kafka would have them.
  var response: HTTPResponse {
    var json = JSONWriter()
    json.object { json in
      json.member("dry_run", true)
      json.member("topic", topic)
      json.member("accepted", batch.documents.count)
      json.member("bytes", batch.bytes.count)
      json.key("documents")
      json.array { json in
        for range in batch.documents { json.value(json: batch.bytes.span.extracting(range)) }
      }
    }
    return .json(json.bytes)
  }
}
