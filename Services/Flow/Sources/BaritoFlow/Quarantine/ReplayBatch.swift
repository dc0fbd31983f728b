import BaritoCore

/// Some entries on their way out of the quarantine: what to send of them, and what to do with each after the answer.
///
/// Pure, and safe to be broken off anywhere: an entry is removed only after its document is there, and a document that is
/// sent again is there already.
struct ReplayBatch {
  /// What became of entries.
  struct Tally: Sendable, Equatable {
    /// Indexed, and out of the quarantine.
    var indexed = 0
    /// Had been indexed already; out of the quarantine too.
    var duplicates = 0
    /// Refused again: it stays, with the new reason.
    var refused = 0
    /// Cannot be sent as it is: no JSON object, harmful, or kept shortened. It stays as it is.
    var unsendable = 0
    /// The server does not take it for now. It stays as it is.
    var waiting = 0

    var left: Int { refused + unsendable + waiting }

    static func += (tally: inout Tally, other: Tally) {
      tally.indexed += other.indexed
      tally.duplicates += other.duplicates
      tally.refused += other.refused
      tally.unsendable += other.unsendable
      tally.waiting += other.waiting
    }
  }

  let hits: [QuarantineSearch.Hit]
  /// The documents, each under its own id in its own index; an item's record is the place of its entry.
  private(set) var documents = BulkRequest()
  /// Why entries are not sent, by their places.
  private(set) var unsendable: [Int: Refusal] = [:]

  init(_ hits: [QuarantineSearch.Hit], repair: DocumentRepair) {
    self.hits = hits
    for (place, hit) in hits.enumerated() {
      let document: [UInt8]
      do throws(JSONError) {
        document = try repair.repaired(hit.entry.raw)
      } catch {
        unsendable[place] = Refusal(.notJSON, "\(error)")
        continue
      }
      if let refusal = ReplayBatch.fault(hit.entry, document) {
        unsendable[place] = refusal
      } else {
        documents.create(
          record: place, index: Array(hit.entry.index.utf8), id: Array(hit.entry.id.utf8), document: document.span)
      }
    }
  }

  private static func fault(_ entry: QuarantineEntry, _ document: [UInt8]) -> Refusal? {
    if entry.rawBytes != nil {
      return Refusal(.requestRefused, "Only the beginning of the line was kept.")
    }
    guard document.count >= 2, document.first == UInt8(ascii: "{"), document.last == UInt8(ascii: "}") else {
      return Refusal(.notAnObject, "It is not a JSON object.")
    }
    return DocumentHazard.find(in: document.span)
  }

  /// What to do with the entries of a request after its answer.
  /// - Parameters:
  ///   - request: all of `documents`, or some.
  ///   - answers: one for each item.
  /// - Returns: the changes, what they count, and which items of the request to send again a little later.
  func changes(
    _ request: BulkRequest, _ answers: [BulkResponse.Item]
  ) -> (changes: QuarantineChanges, tally: Tally, again: [Int]) {
    var changes = QuarantineChanges()
    var tally = Tally()
    var again: [Int] = []
    for (place, answer) in answers.enumerated() {
      let hit = hits[request.items[place].record]
      switch BulkOutcome.verdict(on: answer) {
      case .indexed:
        tally.indexed += 1
        changes.remove(hit)
      case .duplicate:
        tally.duplicates += 1
        changes.remove(hit)
      case .retry, .park: again.append(place)
      case .refused:
        tally.refused += 1
        changes.update(hit, Refusal(serverType: answer.errorType, reason: answer.reason))
      }
    }
    return (changes, tally, again)
  }
}
