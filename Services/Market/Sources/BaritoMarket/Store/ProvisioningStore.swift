internal import BaritoCore
internal import Postgres

/// Requests to the Provisioner and what came of them.
struct ProvisioningStore {
  private let transaction: Transaction
  init(_ transaction: Transaction) { self.transaction = transaction }

  func insert(_ request: ProvisioningRequest, group: GroupID) async throws {
    try await transaction.execute(
      """
      INSERT INTO infrastructures (request_id, group_id, kind, created_at)
      VALUES (\(request.id), \(group.rawValue), \(request.kind.rawValue), moment(\(request.requestedAt)))
      """)
  }

  /// The newest request of a group, with its state.
  func newest(of group: GroupID) async throws -> Infrastructure? {
    try await transaction.first(
      """
      \(Infrastructure.select) WHERE i.group_id = \(group.rawValue)
      ORDER BY i.created_at DESC, i.request_id DESC LIMIT 1
      """, Infrastructure.init)
  }

  /// The newest request of each of these groups.
  func newest(of groups: [GroupID]) async throws -> [GroupID: Infrastructure] {
    let all: [Infrastructure] = try await transaction.all(
      """
      \(Infrastructure.select) WHERE i.group_id = ANY (\(groups.map(\.rawValue))::bigint[])
      ORDER BY i.created_at, i.request_id
      """, Infrastructure.init)
    return Dictionary(all.map { ($0.group, $0) }) { _, newer in newer }
  }

  /// Every group's newest request, errors first.
  func all() async throws -> [Infrastructure] {
    let newest: [Infrastructure] = try await transaction.all(
      """
      \(Infrastructure.select)
      WHERE NOT EXISTS (SELECT FROM infrastructures j WHERE j.group_id = i.group_id
        AND (j.created_at, j.request_id) > (i.created_at, i.request_id))
      ORDER BY i.updated_at DESC
      """, Infrastructure.init)
    return newest.filter(\.state.status.isError) + newest.filter { !$0.state.status.isError }
  }

  /// A request, held until the transaction ends.
  func lock(_ requestID: String) async throws -> Infrastructure? {
    try await transaction.first(
      "\(Infrastructure.select) WHERE i.request_id = \(requestID) FOR UPDATE OF i", Infrastructure.init)
  }

  func update(_ requestID: String, to state: ProvisioningState) async throws {
    try await transaction.execute(
      """
      UPDATE infrastructures SET status = \(state.status.rawValue), message = \(state.message),
        component = \(state.component), updated_at = moment(\(state.at))
      WHERE request_id = \(requestID)
      """)
  }

  /// Keeps the first event of each step.
  /// - Returns: whether it is the first.
  func append(_ event: ProvisioningEvent) async throws -> Bool {
    try await transaction.execute(
      """
      INSERT INTO provisioning_events (request_id, status, component, message, at)
      VALUES (\(event.requestID), \(event.status.rawValue), \(event.component ?? ""), \(event.message),
        moment(\(event.at)))
      ON CONFLICT DO NOTHING
      """) == 1
  }

  /// What happened to the group's newest request, oldest first.
  func events(of requestID: String) async throws -> [ProvisioningStep] {
    try await transaction.all(
      """
      SELECT status, component, message, at FROM provisioning_events WHERE request_id = \(requestID) ORDER BY at, id
      """
    ) { row in
      let component = try row["component", as: String.self]
      return ProvisioningStep(
        status: try row.word("status"), component: component.isEmpty ? nil : component, message: try row["message"],
        at: try row.time("at"))
    }
  }

  /// Takes what the driver says of its components, unless something newer is known.
  func put(_ components: [ComponentState], of group: GroupID, at: Int64) async throws {
    guard !components.isEmpty else { return }
    try await transaction.execute(
      """
      INSERT INTO components (group_id, hostname, type, status, ip_address, message, reported_at)
      SELECT DISTINCT ON (c.hostname) \(group.rawValue)::bigint, c.hostname, c.type, c.status, c.ip_address,
        coalesce(c.message, ''), moment(\(at)::bigint)
      FROM jsonb_to_recordset(\(try JSONText.encode(components))::jsonb)
        AS c (hostname text, type text, status text, ip_address text, message text)
      ON CONFLICT (group_id, hostname) DO UPDATE SET type = excluded.type, status = excluded.status,
        ip_address = excluded.ip_address, message = excluded.message, reported_at = excluded.reported_at
      WHERE components.reported_at <= excluded.reported_at
      """)
  }

  /// Takes what an event says of one component that the driver has reported.
  func update(component hostname: String, of group: GroupID, with event: ProvisioningEvent) async throws {
    try await transaction.execute(
      """
      UPDATE components SET status = \(event.status.rawValue), message = \(event.message), reported_at = moment(\(event.at))
      WHERE group_id = \(group.rawValue) AND hostname = \(hostname) AND reported_at <= moment(\(event.at))
      """)
  }

  func components(of group: GroupID) async throws -> [ComponentState] {
    try await transaction.all(
      """
      SELECT hostname, type, status, ip_address, message FROM components
      WHERE group_id = \(group.rawValue) ORDER BY type, hostname
      """
    ) { row in
      ComponentState(
        hostname: try row["hostname"], type: try row.word("type"), status: try row.word("status"),
        ipAddress: try row["ip_address"], message: try row["message"])
    }
  }
}

extension Infrastructure {
  fileprivate static let select: SQL = """
    SELECT i.request_id, i.group_id, g.cluster_name, g.name, i.kind, i.status, i.message, i.component, i.updated_at,
      i.created_at
    FROM infrastructures i JOIN app_groups g ON g.id = i.group_id
    """

  fileprivate init(_ row: PostgresRow) throws {
    requestID = try row["request_id"]
    group = GroupID(rawValue: try row["group_id"])
    clusterName = ClusterName(try row["cluster_name", as: String.self])
    groupName = try row["name"]
    kind = try row.word("kind")
    let status = try row.word("status", as: ProvisioningStatus.self)
    // A request that no event has moved has happened at no time: any event is later.
    state = ProvisioningState(
      status: status, message: try row["message"], component: try row["component"],
      at: status == .pending ? 0 : try row.time("updated_at"))
    requestedAt = try row.time("created_at")
  }
}
