import TestKit
import Testing

/// The oracle, pure: what Kafka holds is what is indexed and what is in the quarantine, each record once, under its own
/// id, byte for byte.
struct Balance: Sendable {
  /// Each a sentence that names records.
  var complaints: [String] = []

  init(_ kafka: KafkaLedger, _ elasticsearch: ElasticsearchLedger) {
    var expected: Set<KafkaLedger.Document> = []
    var (lost, changed, double, wronglyRefused) = ([String](), [String](), [String](), [String]())
    for record in kafka.records {
      let indexed = elasticsearch.documents[record.document]
      let entry = elasticsearch.quarantine[record.place]
      if !record.isPoison { expected.insert(record.document) }
      switch (indexed, entry) {
      case (nil, nil): lost.append("\(record.place)")
      case (.some, .some): double.append("\(record.place)")
      case (.some(let bytes), nil): if bytes != record.value { changed.append("\(record.place)") }
      case (nil, .some(let bytes)):
        if bytes != record.value { changed.append("\(record.place)") }
        if !record.isPoison { wronglyRefused.append("\(record.place)") }
      }
    }
    let places = Set(kafka.records.map(\.place))
    complain("records are neither indexed nor in the quarantine", lost)
    complain("records are not stored byte for byte", changed)
    complain("records are indexed and in the quarantine", double)
    complain("good records are in the quarantine", wronglyRefused)
    complain(
      "documents are nobody's or double",
      elasticsearch.documents.keys.filter { !expected.contains($0) }.map { "\($0)" })
    complain(
      "entries of the quarantine are nobody's",
      elasticsearch.quarantine.keys.filter { !places.contains($0) }.map { "\($0)" })
    complain("entries of the quarantine are double", elasticsearch.doubleEntries.map { "\($0)" })
    let ids = elasticsearch.documents.count + elasticsearch.quarantine.count + elasticsearch.doubleEntries.count
    if elasticsearch.count != ids { complaints.append("Elasticsearch counts \(elasticsearch.count), of \(ids) ids") }
  }

  private mutating func complain(_ what: String, _ whom: [String]) {
    guard !whom.isEmpty else { return }
    let some = whom.sorted().prefix(8).joined(separator: ", ")
    complaints.append("\(whom.count) \(what): \(some)\(whom.count > 8 ? ", …" : "")")
  }
}

struct Unfinished: Error, CustomStringConvertible { let description: String }

extension FlowStage {
  /// Waits until Flow has finished everything, then expects the account to balance and what is committed to be all.
  func expectBalance(_ flows: [FlowProcess], within limit: Duration = .seconds(120)) async throws {
    do {
      try await drained(within: limit)
    } catch {
      Issue.record("\(error)\n\(flows.map(\.lastWords).joined(separator: "\n"))")
    }
    let kafka = try await KafkaLedger.read(self)
    let elasticsearch = try await ElasticsearchLedger.read(self)
    #expect(!kafka.records.isEmpty, "no record was sent")
    let complaints = Balance(kafka, elasticsearch).complaints
    if !complaints.isEmpty {
      Issue.record(
        "of \(kafka.records.count) records: \(complaints.joined(separator: "; "))\n\(flows.map(\.lastWords).joined(separator: "\n"))")
    }
  }

  /// Waits until everything is committed.
  func drained(within limit: Duration) async throws {
    var last: Progress?
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
      last = try? await progress()
      if let last, last.lag == 0 { return }
      try await Task.sleep(for: .milliseconds(200))
    }
    throw Unfinished(description: "within \(limit), not all is committed: \(last.map { "\($0)" } ?? "unknown")")
  }
}
