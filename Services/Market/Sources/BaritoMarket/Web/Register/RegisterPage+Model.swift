import HTML

/// Get me logging: a group, old or new, and an app in it, in one form.
struct RegisterPage: Page {
  /// The names of the form's fields.
  enum Form {
    static let group = "group"
    static let groupName = "group_name"
    static let size = "size"
    static let groupMaxTPS = "group_max_tps"
    static let appName = "app_name"
    static let appMaxTPS = "app_max_tps"
    static let retentionDays = "retention_days"
    /// The value of `group` that means a new one; no cluster name has a space.
    static let newGroup = "new group"
    /// The value of `size` that means: by lines per second.
    static let bySpeed = "by speed"
  }

  /// What was typed, kept when something of it is wrong.
  struct Typed: Sendable, Equatable {
    var group = ""
    var groupName = ""
    var size = ""
    var groupMaxTPS = ""
    var appName = ""
    var appMaxTPS = ""
    var retentionDays = ""
  }

  /// A group in which the viewer may register apps.
  struct GroupChoice: Sendable {
    var clusterName: String
    var name: String
    var appCount: Int
    var maxTPS: Int
    /// How it is, where it cannot take lines yet.
    var trouble: State?

    /// A meaning with its word.
    struct State: Sendable {
      var meaning: Meaning
      var word: String
    }
  }

  /// A size for a new group.
  struct TemplateChoice: Sendable {
    var name: String
    var title: String
    var maxTPS: Int
    /// What is provisioned for it, in words.
    var components: String
  }

  var groups: [GroupChoice]
  /// Empty when the viewer may not make groups.
  var templates: [TemplateChoice]
  var typed = Typed()
  var errors = FormErrors()
  var defaultRetentionDays = 14
  /// What stands behind an app's name in its topic.
  var topicSuffix = "_logs"

  var title: String { "Register app" }
  var width: PageWidth { .text }

  /// The topic that a name becomes: lower case, spaces as hyphens.
  func topic(for name: String) -> String {
    let trimmed = name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
    return String(trimmed).lowercased().map { $0 == " " ? "-" : String($0) }.joined() + topicSuffix
  }

  /// The group that is chosen at first: what was typed, else the first that takes lines.
  var chosenGroup: String {
    if !typed.group.isEmpty { return typed.group }
    return (groups.first { $0.trouble == nil } ?? groups.first)?.clusterName ?? (templates.isEmpty ? "" : Form.newGroup)
  }

  var chosenSize: String { typed.size.isEmpty ? templates.first?.name ?? "" : typed.size }
}
