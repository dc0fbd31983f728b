import BaritoCore
import Kafka
import Redaction

/// One batch of records on its way to being finished: every record indexed, there already, or in the quarantine.
///
/// Pure: it says what to send next and takes in what came of it. It is finished when there is nothing left to send.
struct BatchSettlement {
  /// What became of the records of one topic.
  struct Tally: Sendable, Equatable {
    var indexed = 0
    var duplicates = 0
    /// Entries made in the quarantine, by what was wrong.
    var refusals: [RefusalKind: Int] = [:]
    var quarantined: Int { refusals.values.reduce(0, +) }
  }

  private enum Parcel {
    case documents(BulkRequest)
    case quarantine(BulkRequest)

    var request: BulkRequest {
      switch self {
      case .documents(let request), .quarantine(let request): request
      }
    }

    func with(_ request: BulkRequest) -> Parcel {
      switch self {
      case .documents: .documents(request)
      case .quarantine: .quarantine(request)
      }
    }
  }

  /// After so many refusals of the request of one record alone, with waits between them, it is the record's fault.
  static let tries = 4

  private let batch: RecordBatch
  /// Records that their partitions have been left for later for too long, by their offset.
  private let overdue: [TopicPartition: Set<Int64>]
  private var plan: IndexPlan
  private var queue: [Parcel] = []
  /// How often the request of one document alone was refused as a whole, by its id: a record may hold many.
  private var refusals: [String: Int] = [:]
  private var suspicions = Suspicions()
  /// Requests of this batch that were answered item by item.
  private var answers = 0
  /// Ids of entries that were too large and are kept shortened.
  private var shortened: Set<String> = []
  /// One for each of the batch's topics.
  private(set) var tallies: [Tally]
  /// What to store when it is finished: nothing of partitions that somebody else does now.
  private(set) var nextOffsets: [TopicPartition: Int64]
  /// Partitions that are not finished here, because their index takes no documents for now: the first record that is to
  /// be read again, and why. All before it is finished.
  private(set) var parked: [TopicPartition: BatchOutcome.Stop] = [:]

  /// - Parameters:
  ///   - redactors: the rules of each of the batch's topics; empty where none has rules.
  ///   - overdue: records of partitions that are not waited for any more, by their offset: the server fails over them.
  init(
    _ batch: RecordBatch, naming: TopicNaming, redactors: [Redactor?] = [], overdue: [TopicPartition: Set<Int64>] = [:]
  ) {
    self.batch = batch
    self.overdue = overdue
    plan = IndexPlan(batch, naming: naming, redactors: redactors)
    tallies = Array(repeating: Tally(), count: batch.topics.count)
    nextOffsets = batch.nextOffsets
    push(.documents(plan.documents))
    plan.releaseDocuments()
  }

  /// What the rules of each topic did to its records; empty where none has rules.
  var redactions: [RedactionTally] { plan.redactions }

  /// The request to send now; nil when every record is finished.
  mutating func next() -> BulkRequest? {
    if queue.isEmpty { push(.quarantine(plan.takeQuarantine())) }
    return queue.first?.request
  }

  /// Takes in what came of the request that `next` gave.
  ///
  /// - Parameter answered: how many requests of other batches were answered item by item so far.
  /// - Returns: why to wait before the next one; nil when there is no need to.
  mutating func take(_ answer: BulkAnswer, answered: Int = 0) -> String? {
    switch answer {
    case .unknown(let reason):
      return reason
    case .suspect(let reason, let isSilent):
      suspect(reason, isSilent: isSilent, answered: answers + answered)
      return reason
    case .split(let reason):
      return split(queue.removeFirst(), reason)
    case .settled(let outcome, let response):
      suspicions.clear()
      answers += 1
      return settle(queue.removeFirst(), outcome, response)
    }
  }

  /// Forgets the records of partitions that were taken away: their new owner begins where nothing was stored.
  mutating func abandon(_ revoked: Set<TopicPartition>) {
    guard !revoked.isEmpty else { return }
    for partition in revoked {
      nextOffsets[partition] = nil
      parked[partition] = nil
    }
    drop { partition, _ in revoked.contains(partition) }
  }

  /// Leaves partitions for later: from the first of these items on nothing of them is sent any more, and its offset is what
  /// to store. What is before it is finished in this batch; what is behind it and finished comes again, and is a duplicate
  /// then.
  ///
  /// - Parameter refusals: by item, what was said of it.
  private mutating func park(_ items: BulkRequest, _ refusals: [BulkResponse.Item]) {
    for (item, refusal) in zip(items.items, refusals) {
      let record = batch.records[item.record]
      let partition = batch.topicPartition(of: record)
      guard record.offset < parked[partition]?.offset ?? .max else { continue }
      parked[partition] = BatchOutcome.Stop(offset: record.offset, cause: ParkCause(refusal), reason: refusal.text)
      nextOffsets[partition] = record.offset
    }
    let parked = parked
    drop { partition, offset in offset >= parked[partition]?.offset ?? .max }
  }

  /// Takes records out of everything that is still to be sent.
  private mutating func drop(where isDropped: (TopicPartition, Int64) -> Bool) {
    let (batch, old) = (batch, queue)
    func isKept(_ place: Int) -> Bool {
      let record = batch.records[place]
      return !isDropped(batch.topicPartition(of: record), record.offset)
    }
    queue = []
    for parcel in old {
      let request = parcel.request
      push(parcel.with(request.subset(request.items.indices.filter { isKept(request.items[$0].record) })))
    }
    plan.keepQuarantine(where: isKept)
  }

  private mutating func push(_ parcel: Parcel) {
    if !parcel.request.isEmpty { queue.append(parcel) }
  }

  private mutating func settle(_ parcel: Parcel, _ outcome: BulkOutcome, _ answer: BulkResponse) -> String? {
    let request = parcel.request
    var response = answer
    var again: [Int] = []
    var parks: [Int] = []
    let hopeless = hopeless(parcel, outcome, response)
    for (place, verdict) in outcome.verdicts.enumerated() {
      let record = request.items[place].record
      switch (verdict, parcel) {
      case (.park, .documents) where hopeless.contains(place):
        let reason = "The server fails over this line for long, and takes others: \(response.items[place].text)"
        plan.quarantine(
          record, of: batch, Refusal(.requestRefused, reason), document: request.copy(request.items[place]))
      case (.retry, _): again.append(place)
      case (.park, _): parks.append(place)
      case (.indexed, .documents): tallies[batch.records[record].topic].indexed += 1
      case (.duplicate, .documents): tallies[batch.records[record].topic].duplicates += 1
      case (.indexed, .quarantine):
        let kind = QuarantineEntry.kind(of: request.document(request.items[place]))
        tallies[batch.records[record].topic].refusals[kind, default: 0] += 1
      case (.duplicate, .quarantine): break
      case (.refused, .documents):
        let item = response.items[place]
        plan.quarantine(
          record, of: batch, Refusal(serverType: item.errorType, reason: item.reason),
          document: request.copy(request.items[place]))
      case (.refused, .quarantine):
        // The quarantine takes anything, so its index was not made by us: a person must look, nothing is dropped, and
        // nobody else waits for it.
        response.items[place].reason = "the quarantine refuses an entry: \(response.items[place].reason)"
        parks.append(place)
      }
    }
    push(parcel.with(request.subset(again)))
    if !parks.isEmpty { park(request.subset(parks), parks.map { response.items[$0] }) }
    return again.isEmpty ? nil : outcome.retryReason
  }

  private func isOverdue(_ place: Int) -> Bool {
    let record = batch.records[place]
    return overdue[batch.topicPartition(of: record)]?.contains(record.offset) ?? false
  }

  /// Items that are not waited for any more: where the server takes others of the same app, neither it nor the index is
  /// what is ill.
  private func hopeless(_ parcel: Parcel, _ outcome: BulkOutcome, _ response: BulkResponse) -> Set<Int> {
    guard !overdue.isEmpty, case .documents(let request) = parcel else { return [] }
    func topic(_ place: Int) -> Int { batch.records[request.items[place].record].topic }
    let places = outcome.verdicts.indices
    let taking = Set(places.filter { [.indexed, .duplicate].contains(outcome.verdicts[$0]) }.map(topic))
    return Set(
      places.filter { place in
        outcome.verdicts[place] == .park && response.items[place].status == 500 && taking.contains(topic(place))
          && isOverdue(request.items[place].record)
      })
  }

  /// The request in front came to nothing, which may be its own fault.
  ///
  /// Where nothing is answered at all the server may break over it, so it is not tried often. Answers that say nothing may
  /// come of a gateway that is ill for a while: then its partition waits, and the line is given up only when it has been the
  /// one that holds it up for long.
  private mutating func suspect(_ reason: String, isSilent: Bool, answered: Int) {
    let verdict = suspicions.note(queue[0].request, answered: answered)
    switch verdict {
    case .again: return
    case .halve: return halve(queue.removeFirst())
    case .last: return queue.append(queue.removeFirst())
    case .guilty, .undecided: break
    }
    let parcel = queue.removeFirst()
    let request = parcel.request
    if case .documents = parcel {
      let isGuilty =
        isSilent ? verdict == .guilty : isOverdue(request.items[0].record) && (verdict == .guilty || answers > 0)
      if isGuilty {
        return plan.quarantine(
          request.items[0].record, of: batch,
          Refusal(.requestRefused, "A request with this line never succeeds, others do: \(reason)"),
          document: request.copy(request.items[0]))
      }
    }
    // An entry of the quarantine too: nobody else waits for it, and it is made again from its record.
    park(request, [BulkResponse.Item(status: isSilent ? 504 : 500, reason: reason)])
  }

  private mutating func halve(_ parcel: Parcel) {
    let (first, second) = parcel.request.halves
    queue.insert(contentsOf: [parcel.with(first), parcel.with(second)], at: 0)
  }

  private mutating func split(_ parcel: Parcel, _ reason: String) -> String? {
    let request = parcel.request
    guard request.count == 1 else {
      halve(parcel)
      return nil
    }
    let item = request.items[0]
    switch parcel {
    case .documents:
      let count = refusals[request.id(item), default: 0] + 1
      refusals[request.id(item)] = count
      // A proxy in trouble refuses whole requests too: what it says of one good line must not pass for the truth.
      guard count >= BatchSettlement.tries else {
        queue.insert(parcel, at: 0)
        return reason
      }
      plan.quarantine(item.record, of: batch, Refusal(.requestRefused, reason), document: request.copy(item))
    case .quarantine:
      if shortened.insert(request.id(item)).inserted, let short = request.shortened(item) {
        push(.quarantine(short))
      } else {
        park(request, [BulkResponse.Item(status: 400, reason: "the quarantine refuses an entry: \(reason)")])
      }
    }
    return nil
  }
}
