import BaritoCore
import Settings

/// What an operator decides about how long indices are kept.
struct RetentionConfiguration: Sendable {
  var isEnabled: Bool
  var unknownDays: Int?
  /// Nil is all groups.
  var group: ClusterName?
  /// Of the command alone.
  var isDryRun = false

  static let enabled = Setting(
    "retention.enabled", Bool.self, default: true,
    "Whether a day's indices are deleted when its app's days are over.")
  static let unknownAppDays = Setting(
    "retention.unknown-days", Int?.self, default: nil,
    "For how many days indices of topics are kept that no profile knows; empty keeps them for good."
  ) { days in
    (days ?? 1) >= 1 ? nil : SettingFault("is no number of days", remedy: "write 1 or more, or nothing")
  }
  static let groupName = Setting(
    "retention.group", String?.self, default: nil,
    "The cluster name of the group whose apps' days count here; empty: of all groups, for a shared cluster.")

  static let settings: [any DeclaredSetting] = [enabled, unknownAppDays, groupName]

  init(_ settings: SettingsReader) {
    isEnabled = settings[Self.enabled]
    unknownDays = settings[Self.unknownAppDays]
    group = settings[Self.groupName].map { ClusterName(rawValue: $0) }
    if settings.command.first == RetentionCommand.name { isDryRun = settings[RetentionCommand.dryRun] }
  }
}
