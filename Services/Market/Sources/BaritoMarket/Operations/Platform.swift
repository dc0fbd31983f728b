public import BaritoCore

/// What administrators of the platform see.
public struct Platform: Sendable {
  private let database: Database

  init(database: Database) { self.database = database }

  /// The newest provisioning request of every group, failed ones first.
  public func infrastructures(_ principal: Principal) async throws -> [Infrastructure] {
    try await database.transaction { transaction in
      try Access(transaction, principal).platform(.viewPlatform)
      return try await ProvisioningStore(transaction).all()
    }
  }

  /// The newest entries of the audit log: of a group to those who may see it, of everything to administrators.
  /// - Parameters:
  ///   - before: only entries older than this one.
  ///   - limit: at most 500.
  public func audit(
    of cluster: ClusterName?, before: Int64? = nil, limit: Int = 100, _ principal: Principal
  ) async throws -> [AuditEntry] {
    try await database.transaction { transaction in
      let access = Access(transaction, principal)
      var group: GroupID?
      if let cluster {
        group = try await access.group(cluster, for: .viewGroup).group.id
      } else {
        try access.platform(.viewAudit)
      }
      return try await AuditStore(transaction).newest(of: group, before: before, limit: min(max(limit, 1), 500))
    }
  }
}
