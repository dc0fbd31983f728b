import BaritoCore

/// Which entries of the quarantine are meant.
struct QuarantineFilter: Sendable, Equatable {
  var topic: String?
  var fingerprint: String?
  var id: String?
  /// In milliseconds since 1970.
  var since: Int64?

  /// Whether it means every entry there is.
  var isEverything: Bool { topic == nil && fingerprint == nil && id == nil && since == nil }

  /// Writes it as a query of Elasticsearch.
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.object("bool") { json in
        json.array("filter") { json in
          for (name, value) in [("topic", topic), ("fingerprint", fingerprint), ("id", id)] {
            guard let value else { continue }
            json.object { json in json.object("term") { $0.member(name, value) } }
          }
          if let since, let time = Timestamp(milliseconds: since) {
            json.object { json in
              json.object("range") { json in json.object("@timestamp") { $0.member("gte", time.description) } }
            }
          }
        }
      }
    }
  }
}
