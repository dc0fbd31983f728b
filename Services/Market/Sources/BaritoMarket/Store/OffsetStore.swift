internal import Postgres

/// How far each Kafka partition has been applied, moved in the transaction that applies.
struct OffsetStore {
  private let transaction: Transaction
  init(_ transaction: Transaction) { self.transaction = transaction }

  /// A partition's place, held until the transaction ends; the beginning when nothing has been applied.
  func lock(topic: String, partition: Int32) async throws -> AppliedOffsets {
    try await transaction.execute(
      """
      INSERT INTO applied_offsets (topic, partition, next_offset, newest_ms)
      VALUES (\(topic), \(Int(partition)), 0, 0) ON CONFLICT DO NOTHING
      """)
    return try await transaction.one(
      """
      SELECT next_offset, newest_ms FROM applied_offsets
      WHERE topic = \(topic) AND partition = \(Int(partition)) FOR UPDATE
      """
    ) { AppliedOffsets(next: try $0["next_offset"], newest: try $0["newest_ms"]) }
  }

  func update(topic: String, partition: Int32, to offsets: AppliedOffsets) async throws {
    try await transaction.execute(
      """
      UPDATE applied_offsets SET next_offset = \(offsets.next), newest_ms = \(offsets.newest)
      WHERE topic = \(topic) AND partition = \(Int(partition))
      """)
  }
}
