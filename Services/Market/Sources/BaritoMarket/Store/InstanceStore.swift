internal import BaritoCore
internal import Postgres

/// Who asks for the profile feed. All Markets write here, so each of them counts all.
struct InstanceStore {
  private let transaction: Transaction
  init(_ transaction: Transaction) { self.transaction = transaction }

  /// Seconds after its last question that an instance counts as gone: two long polls and some.
  static let lifetime = 60

  /// Notes that an instance is there. A new one, and those that are gone, wake the readers of the feed.
  func note(_ instance: ServiceInstance) async throws {
    let added = try await transaction.one(
      """
      INSERT INTO service_instances (service, instance, seen_at)
      VALUES (\(instance.service), \(instance.instance), clock_timestamp())
      ON CONFLICT (service, instance) DO UPDATE SET seen_at = excluded.seen_at
      RETURNING xmax = 0 AS is_new
      """
    ) { try $0["is_new", as: Bool.self] }
    if try await forgetGone() > 0 || added { try await announce() }
  }

  /// Notes that an instance asks no more.
  func remove(_ instance: ServiceInstance) async throws {
    let removed = try await transaction.execute(
      """
      DELETE FROM service_instances WHERE service = \(instance.service) AND instance = \(instance.instance)
      """)
    if removed > 0 { try await announce() }
  }

  /// How many instances of a service are there.
  func count(of service: String) async throws -> Int {
    try await transaction.one(
      """
      SELECT count(*) AS instances FROM service_instances
      WHERE service = \(service) AND seen_at > clock_timestamp() - make_interval(secs => \(Self.lifetime))
      """
    ) { try $0["instances"] }
  }

  // Two Markets that forget at the same time must not wait for each other in a circle.
  private func forgetGone() async throws -> Int {
    try await transaction.execute(
      """
      DELETE FROM service_instances WHERE (service, instance) IN (
        SELECT service, instance FROM service_instances
        WHERE seen_at <= clock_timestamp() - make_interval(secs => \(Self.lifetime))
        FOR UPDATE SKIP LOCKED)
      """)
  }

  private func announce() async throws {
    try await transaction.execute("SELECT pg_notify(\(ChangeListener.profilesChannel), '')")
  }
}
