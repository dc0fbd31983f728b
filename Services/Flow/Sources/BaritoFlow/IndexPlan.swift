import BaritoCore
import Kafka
import Redaction

/// What is to be sent for one batch of records. Pure: the same records make the same documents under the same ids.
struct IndexPlan: Sendable {
  /// Documents for the apps' indices.
  private(set) var documents = BulkRequest()
  /// Entries for records that can be no document.
  private(set) var quarantine = BulkRequest()

  private let naming: TopicNaming
  /// One for each topic; empty where none has rules.
  private let redactors: [Redactor?]
  /// What the rules of each topic did to its records; empty where none has rules.
  private(set) var redactions: [RedactionTally] = []

  init(_ batch: RecordBatch, naming: TopicNaming, redactors: [Redactor?] = []) {
    self.naming = naming
    self.redactors = redactors
    var redaction = BatchRedaction(redactors)
    documents.reserve(bytes: batch.byteCount + batch.count * 110, items: batch.count)
    var names = batch.topics.map { topic in naming.documentPrefix(ofTopic: topic).map { IndexNames(prefix: $0) } }
    var id: [UInt8] = []
    var timbers = TimberRecords()
    for (place, record) in batch.records.enumerated() {
      // The platform's own topics hold no documents.
      guard names[record.topic] != nil else { continue }
      let address = DocumentAddress(record, in: batch)
      guard let index = names[record.topic]?.name(at: address.time) else { continue }
      if IndexPlan.mayBeTimber(record, in: batch) {
        let content = timbers.read(record, of: batch, time: address.time)
        for document in content.documents {
          id.removeAll(keepingCapacity: true)
          document.id.append(to: &id)
          let bytes = timbers.arena.span.extracting(document.range)
          if let hazard = DocumentHazard.find(in: bytes) {
            let kept = redaction.kept(bytes, topic: record.topic) ?? Array(timbers.arena[document.range])
            quarantine(place, of: batch, hazard, document: (document.id.description, kept))
            continue
          }
          switch redaction.redact(bytes, topic: record.topic) {
          case .redacted:
            documents.create(record: place, index: index, id: id, document: redaction.output.span)
          case .unchanged: documents.create(record: place, index: index, id: id, document: bytes)
          case .notJSON(let reason): quarantineNoJSON(place, of: batch, reason)
          }
        }
        if let refusal = content.fault { quarantine(place, of: batch, refusal) }
        continue
      }
      if let refusal = IndexPlan.fault(record, in: batch) {
        quarantine(place, of: batch, refusal)
        continue
      }
      id.removeAll(keepingCapacity: true)
      address.id.append(to: &id)
      switch redaction.redact(batch.value(record), topic: record.topic) {
      case .unchanged: documents.create(record: place, index: index, id: id, document: batch.value(record))
      case .redacted: documents.create(record: place, index: index, id: id, document: redaction.output.span)
      case .notJSON(let reason):
        // Elasticsearch may read what JSON does not allow, and nobody knows what it would make of it.
        quarantineNoJSON(place, of: batch, reason)
      }
    }
    redactions = redaction.tallies
  }

  /// Adds the entry for a record, or for one document made of it, to `quarantine`.
  /// - Parameter document: what was sent and refused; nil is the record's own value under the record's own id.
  mutating func quarantine(
    _ place: Int, of batch: RecordBatch, _ refusal: Refusal, document: (id: String, bytes: [UInt8])? = nil
  ) {
    let record = batch.records[place]
    let topic = batch.topic(of: record)
    guard let prefix = naming.documentPrefix(ofTopic: topic) else { return }
    let address = DocumentAddress(record, in: batch)
    var documentIndex = IndexNames(prefix: prefix)
    let entry = QuarantineEntry(
      refusal: refusal, topic: topic, app: String(prefix.dropFirst(naming.prefix.count)), partition: record.partition,
      offset: record.offset, timestamp: address.time,
      index: String(decoding: documentIndex.name(at: address.time), as: UTF8.self),
      id: document?.id ?? address.id.description, headers: QuarantineEntry.headers(of: record, in: batch),
      raw: document?.bytes ?? kept(record, of: batch))
    quarantine.create(record: place, entry)
  }

  private mutating func quarantineNoJSON(_ place: Int, of batch: RecordBatch, _ reason: String) {
    quarantine(place, of: batch, Refusal(.notJSON, "The record's value is not JSON: \(reason)."))
  }

  /// What may be kept of a record's own value.
  private func kept(_ record: RecordBatch.Record, of batch: RecordBatch) -> [UInt8] {
    var redaction = BatchRedaction(redactors)
    return redaction.kept(batch.value(record), topic: record.topic) ?? Array(batch.bytes[record.value])
  }

  /// Forgets the entries of records that somebody else does now.
  mutating func keepQuarantine(where isKept: (Int) -> Bool) {
    let kept = quarantine.items.indices.filter { isKept(quarantine.items[$0].record) }
    if kept.count < quarantine.count { quarantine = quarantine.subset(kept) }
  }

  /// Lets go of the documents, which somebody else holds now.
  mutating func releaseDocuments() { documents = BulkRequest() }

  /// Takes the entries that wait for the quarantine out.
  mutating func takeQuarantine() -> BulkRequest {
    defer { quarantine = BulkRequest() }
    return quarantine
  }

  /// Protobuf as the first Barito wrote it never begins with the brace that begins an object: it would be the field 15.
  private static func mayBeTimber(_ record: RecordBatch.Record, in batch: RecordBatch) -> Bool {
    guard !record.isTombstone, let first = batch.bytes[record.value].first else { return false }
    return first != UInt8(ascii: "{")
  }

  /// Why a record can be no document; nil when it may be one. The Router writes one JSON object on one line: all else
  /// comes from elsewhere.
  private static func fault(_ record: RecordBatch.Record, in batch: RecordBatch) -> Refusal? {
    if record.isTombstone { return Refusal(.tombstone, "The record has no value.") }
    let value = batch.value(record)
    guard value.count >= 2, value[0] == UInt8(ascii: "{"), value[value.count - 1] == UInt8(ascii: "}") else {
      return Refusal(.notAnObject, "The record's value is not a JSON object.")
    }
    return DocumentHazard.find(in: value)
  }
}
