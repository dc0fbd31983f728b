internal import Postgres

/// Messages to Kafka that were decided in the transaction of the change that they tell of.
struct OutboxStore {
  /// The channel that a new message is announced on.
  static let channel = "barito_outbox"

  private let transaction: Transaction
  init(_ transaction: Transaction) { self.transaction = transaction }

  /// A message that waits to be sent.
  struct Message: Sendable, Equatable {
    var id: Int64
    var topic: String
    var key: String
    var value: String
  }

  func append(topic: String, key: String, value: String) async throws {
    try await transaction.execute(
      "INSERT INTO outbox (topic, key, value) VALUES (\(topic), \(key), \(value))")
  }

  /// The oldest waiting message of each key, held until the transaction ends. Those that another Market holds are left
  /// to it; and because a later one of the same key waits for the earlier, the order of a key survives.
  func lockWaiting(limit: Int) async throws -> [Message] {
    try await transaction.all(
      """
      SELECT id, topic, key, value FROM outbox o
      WHERE sent_at IS NULL
        AND NOT EXISTS (SELECT FROM outbox e WHERE e.key = o.key AND e.id < o.id AND e.sent_at IS NULL)
      ORDER BY id LIMIT \(limit) FOR UPDATE SKIP LOCKED
      """
    ) { row in
      Message(
        id: try row["id"], topic: try row["topic"], key: try row["key"], value: try row["value"])
    }
  }

  func markSent(_ ids: [Int64]) async throws {
    try await transaction.execute(
      """
      UPDATE outbox SET sent_at = now()
      WHERE id = ANY (\(ids)::bigint[])
      """)
  }

  /// How many wait, and how long the oldest does, in seconds.
  func backlog() async throws -> (count: Int, age: Double) {
    try await transaction.one(
      """
      SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS age
      FROM outbox WHERE sent_at IS NULL
      """
    ) { (try $0["waiting"], try $0["age"]) }
  }

  /// Forgets what was sent more than a day ago.
  func prune() async throws {
    try await transaction.execute("DELETE FROM outbox WHERE sent_at < now() - interval '1 day'")
  }
}
