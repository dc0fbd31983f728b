internal import Postgres

/// Market's tables, step by step: the files of `Migrations/`, which are part of the program.
enum MarketSchema {
  static let migrations = [
    Migration(name: "0001_accounts", sql: text(PackageResources._001_accounts_sql)),
    Migration(name: "0002_groups_and_apps", sql: text(PackageResources._002_groups_and_apps_sql)),
    Migration(name: "0003_provisioning", sql: text(PackageResources._003_provisioning_sql)),
    Migration(name: "0004_usage", sql: text(PackageResources._004_usage_sql)),
    Migration(name: "0005_audit", sql: text(PackageResources._005_audit_sql)),
    Migration(name: "0006_service_instances", sql: text(PackageResources._006_service_instances_sql)),
    Migration(name: "0007_redaction", sql: text(PackageResources._007_redaction_sql)),
  ]

  /// Brings a database up to date; any number of processes may do so at once.
  /// - Returns: the names of the migrations that were applied.
  static func migrate(_ configuration: PostgresConfiguration) async throws -> [String] {
    try await Migrator(migrations).run(configuration)
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
