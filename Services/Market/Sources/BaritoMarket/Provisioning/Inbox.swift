internal import BaritoCore
internal import Logging
internal import Postgres

/// Applies what the Provisioner and the data plane tell, each record exactly once: the place in its partition moves in
/// the transaction that applies it.
struct Inbox: Sendable {
  let database: Database
  let metrics: MarketMetrics
  let logger: Logger

  /// Applies records, in one transaction when all is well.
  ///
  /// What cannot be read, or what the database refuses for good, is counted, logged and passed by: it must not hold up
  /// what comes after it.
  /// - Throws: what may pass when it is tried again.
  func apply(_ records: [InboxRecord]) async throws {
    do {
      try await transact(records)
    } catch let error as PostgresError where error.disposition != .retry && error.isOfStatement {
      guard records.count == 1 else {
        for record in records { try await apply([record]) }
        return
      }
      poisoned(records[0], "\(error)")
      try await transact(records, skippingContent: true)
    }
  }

  private func transact(_ records: [InboxRecord], skippingContent: Bool = false) async throws {
    let hasEvents = records.contains { $0.topic == PlatformTopic.provisioningEvents }
    let work: @Sendable (Transaction) async throws -> [InboxRecord] = { transaction in
      var unreadable: [InboxRecord] = []
      var sums = UsageSums()
      for record in try await admit(records, transaction) where !skippingContent {
        switch record.content {
        case .event(let event): try await ProvisioningProgress(transaction, logger: logger).apply(event)
        case .usage(let report): sums.add(report)
        case nil: unreadable.append(record)
        }
      }
      try await UsageStore(transaction).add(sums)
      try await SecretStore(transaction).note(sums.secrets)
      return unreadable
    }
    let unreadable = try await hasEvents ? database.profileChange(work) : database.transaction(work)
    for record in unreadable { poisoned(record, "it is no message of a version that is known") }
    metrics.applied(records)
  }

  /// The records that have not been applied yet; notes that they are now.
  private func admit(_ records: [InboxRecord], _ transaction: Transaction) async throws -> [InboxRecord] {
    struct Place: Hashable {
      var topic: String
      var partition: Int32
    }
    let store = OffsetStore(transaction)
    var places: [Place: AppliedOffsets] = [:]
    // In the same order everywhere, so that no two Markets wait for each other.
    let all = Set(records.map { Place(topic: $0.topic, partition: $0.partition) })
    for place in all.sorted(by: { ($0.topic, $0.partition) < ($1.topic, $1.partition) }) {
      places[place] = try await store.lock(topic: place.topic, partition: place.partition)
    }
    let new = records.filter { record in
      places[Place(topic: record.topic, partition: record.partition)]?
        .admit(offset: record.offset, timestamp: record.timestamp) ?? false
    }
    for (place, offsets) in places {
      try await store.update(topic: place.topic, partition: place.partition, to: offsets)
    }
    return new
  }

  private func poisoned(_ record: InboxRecord, _ why: String) {
    metrics.poisoned(record.topic)
    logger.error(
      "a record cannot be applied, going on after it",
      ["topic": record.topic, "partition": "\(record.partition)", "offset": "\(record.offset)", "error": why])
  }
}

extension PostgresError {
  /// Whether the statement is at fault, not the connection or who asked.
  fileprivate var isOfStatement: Bool {
    switch code {
    case .closed, .cancelled, .outcomeUnknown, .migrationRefused: false
    default: true
    }
  }
}
