import Kafka
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

  /// The records that are neither indexed nor in the quarantine.
  static func lost(_ kafka: KafkaLedger, _ elasticsearch: ElasticsearchLedger) -> [KafkaLedger.Place] {
    kafka.records.filter { elasticsearch.documents[$0.document] == nil && elasticsearch.quarantine[$0.place] == nil }
      .map(\.place)
  }

  private mutating func complain(_ what: String, _ whom: [String]) {
    guard !whom.isEmpty else { return }
    let some = whom.sorted().prefix(8).joined(separator: ", ")
    complaints.append("\(whom.count) \(what): \(some)\(whom.count > 8 ? ", …" : "")")
  }
}

extension FlowStage {
  /// Waits until Flow has finished everything, then expects the account to balance and what is committed to be all.
  ///
  /// - Parameter log: what to show where it does not.
  func expectBalance(within limit: Duration = .seconds(180), log: () -> String) async throws {
    let progress = try ProgressReader(self)
    do {
      try await progress.drained(within: limit)
    } catch {
      Issue.record("\(error)\n\(log())")
    }
    await progress.close()
    let kafka = try await KafkaLedger.read(self)
    let complaints = Balance(kafka, try await ElasticsearchLedger.read(self)).complaints
    #expect(!kafka.records.isEmpty, "no record was sent")
    #expect(complaints.isEmpty, "of \(kafka.records.count) records: \(complaints.joined(separator: "; "))\n\(log())")
  }

  /// Expects that nothing is committed that is not finished: to be asked while no Flow runs.
  func expectCommittedIsFinished() async throws {
    let progress = try ProgressReader(self)
    let committed = try await progress.now().committed
    await progress.close()
    var kafka = try await KafkaLedger.read(self)
    kafka.records.removeAll {
      $0.place.offset >= committed[TopicPartition($0.place.topic, $0.place.partition)] ?? 0
    }
    let lost = Balance.lost(kafka, try await ElasticsearchLedger.read(self))
    #expect(lost.isEmpty, "\(lost.count) records are committed and not finished: \(lost.prefix(8)); \(committed)")
  }
}
