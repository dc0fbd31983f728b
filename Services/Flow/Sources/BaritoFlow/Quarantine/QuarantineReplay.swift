import BaritoCore

/// Sends entries of the quarantine again, page by page, no faster than allowed.
struct QuarantineReplay {
  let store: QuarantineStore
  let filter: QuarantineFilter
  let repair: DocumentRepair
  /// Lines a second; nil is as fast as it goes.
  var rate: Int?
  /// How many entries at most; nil is all.
  var limit: Int?
  var isDryRun = false
  /// Told of entries that are not sent, and of those refused again.
  var report: (QuarantineSearch.Hit, Refusal) -> Void = { _, _ in }
  /// Told of documents that would be sent, in a dry run.
  var preview: (QuarantineSearch.Hit, [UInt8]) -> Void = { _, _ in }

  /// Entries may be long: a page of so many at once stays below what a client takes, in all but strange cases.
  private static let mostInPage = 100
  /// How often items that the server does not take for now are sent again, with longer and longer waits.
  private static let tries = 5

  func run() async throws(QuarantineError) -> ReplayBatch.Tally {
    try await store.refresh()
    var tally = ReplayBatch.Tally()
    var done = 0
    var after: [UInt8]?
    repeat {
      let start = ContinuousClock.now
      let size = min(QuarantineReplay.mostInPage, rate ?? .max, limit.map { $0 - done } ?? .max)
      guard size > 0 else { break }
      let page = try await store.page(filter, after: after, size: size)
      after = page.next
      try await replay(ReplayBatch(page.hits, repair: repair), &tally)
      done += page.hits.count
      if let rate, after != nil, !isDryRun {
        let pause = Duration.seconds(1) * (Double(page.hits.count) / Double(rate))
        try? await Task.sleep(until: start + pause, clock: .continuous)
      }
    } while after != nil
    if !isDryRun { try await store.refresh() }
    return tally
  }

  private func replay(_ batch: ReplayBatch, _ tally: inout ReplayBatch.Tally) async throws(QuarantineError) {
    for (place, refusal) in batch.unsendable.sorted(by: { $0.key < $1.key }) {
      tally.unsendable += 1
      report(batch.hits[place], refusal)
    }
    if isDryRun {
      for item in batch.documents.items {
        tally.indexed += 1
        preview(batch.hits[item.record], batch.documents.copy(item).bytes)
      }
      return
    }
    var request = batch.documents
    var attempt = 0
    while !request.isEmpty {
      let answers = try await send(request)
      let (changes, counted, again) = batch.changes(request, answers)
      // The counts come after the change: what is told to be out of the quarantine is.
      if changes.count > 0 { try await store.apply(changes) }
      tally += counted
      for (place, answer) in answers.enumerated() where BulkOutcome.verdict(on: answer) == .refused {
        report(
          batch.hits[request.items[place].record], Refusal(serverType: answer.errorType, reason: answer.reason))
      }
      if attempt + 1 >= QuarantineReplay.tries {
        tally.waiting += again.count
        for place in again {
          report(
            batch.hits[request.items[place].record],
            Refusal(serverType: answers[place].errorType, reason: answers[place].reason))
        }
        return
      }
      request = request.subset(again)
      if !request.isEmpty { try? await Task.sleep(for: store.backoff.delay(attempt)) }
      attempt += 1
    }
  }

  /// A request that is refused as a whole goes in halves, so that one line does not hold up the others.
  private func send(_ request: BulkRequest) async throws(QuarantineError) -> [BulkResponse.Item] {
    do throws(QuarantineError) {
      return try await store.bulk(request)
    } catch {
      guard error.code == .refused else { throw error }
      guard request.count > 1 else {
        return [BulkResponse.Item(status: 400, errorType: "request_refused", reason: error.detail)]
      }
      let (first, second) = request.halves
      return try await send(first) + send(second)
    }
  }
}
