import BaritoCore
import Settings

/// An option that may be given several times, each time with one text, commas included.
struct Texts: SettingValue {
  var texts: [String]

  init(_ texts: [String] = []) { self.texts = texts }

  static var settingTypeName: String { "text" }
  static func parseSetting(_ text: String) -> Texts { Texts(text.isEmpty ? [] : [text]) }
  static func parseSettings(_ texts: [String]) -> Texts { Texts(texts.filter { !$0.isEmpty }) }
  var settingText: String { texts.joined(separator: " ") }
}

/// What the person at the terminal decides.
struct CommandSettings: Sendable {
  enum Output: String, CaseIterable, SettingValue { case text, json, raw }
  enum Color: String, CaseIterable, SettingValue { case auto, always, never }
  enum Timestamps: String, CaseIterable, SettingValue { case utc, none }

  var apps: [String]
  var url: String
  var token: String?
  var tail: Int?
  var since: String?
  var until: String?
  var level: String?
  var grep: [String]
  var exclude: [String]
  /// `name=value`
  var fields: [String]
  var rate: Int?
  var follow: Bool
  var output: Output
  var color: Color
  var timestamps: Timestamps
  var patience: Duration

  private static var defaultURL: ServiceURL {
    guard let url = try? ServiceURL("http://127.0.0.1:8084") else { preconditionFailure("the default URL is one") }
    return url
  }

  static let urlSetting = Setting(
    "url", ServiceURL.self, default: defaultURL, "Where barito-tail is.")
  static let tokenSetting = Setting(
    "token", String?.self, default: nil, secret: true, "Your API token, from the account page of Market.")
  static let tailSetting = Setting("tail", Int?.self, default: nil, short: "n", "Begin with the last so many lines.")
  static let sinceSetting = Setting(
    "since", String?.self, default: nil, "Begin so long ago (10m), or at a time (2026-11-22T10:15:00Z).")
  static let untilSetting = Setting("until", String?.self, default: nil, "End at that time; written as --since.")
  static let levelSetting = Setting(
    "level", String?.self, default: nil, short: "l",
    "Only lines of this level and above; lines without one are left out.")
  static let grepSetting = Setting(
    "grep", Texts.self, default: Texts(), short: "g",
    "Only lines in which this regular expression occurs; repeatable, all must.")
  static let excludeSetting = Setting(
    "exclude", Texts.self, default: Texts(), short: "x", "No lines in which this regular expression occurs; repeatable."
  )
  static let fieldSetting = Setting(
    "field", Texts.self, default: Texts(), short: "f",
    "Only lines whose field has this value, as name=value; repeatable.",
    check: { fields in
      fields.texts.allSatisfy { $0.contains("=") && !$0.hasPrefix("=") }
        ? nil : SettingFault("has no name or no value", remedy: "write name=value")
    })
  static let rateSetting = Setting("rate", Int?.self, default: nil, "At most so many lines a second.")
  static let followSetting = Setting("follow", Bool.self, default: true, "Wait for more lines; --no-follow ends.")
  static let jsonSetting = Setting("json", Bool.self, default: false, "The same as --output json.")
  static let outputSetting = Setting(
    "output", Output.self, default: .text, short: "o",
    "text for people, json with app, time and id, raw as the app wrote it.")
  static let colorSetting = Setting(
    "color", Color.self, default: .auto, "Whether to colour; auto does on a terminal unless NO_COLOR is set.")
  static let timestampsSetting = Setting("timestamps", Timestamps.self, default: .utc, "How times are shown.")
  static let patienceSetting = Setting(
    "patience", Duration.self, default: .seconds(300), "How long to try when the connection is lost.")

  static let settings: [any DeclaredSetting] = [
    tailSetting, sinceSetting, untilSetting, levelSetting, grepSetting, excludeSetting, fieldSetting, rateSetting,
    followSetting, outputSetting, jsonSetting, colorSetting, timestampsSetting, urlSetting, tokenSetting,
    patienceSetting,
  ]

  init(_ settings: SettingsReader) {
    apps = settings.positionals
    url = settings[Self.urlSetting].text
    token = settings[Self.tokenSetting]
    tail = settings[Self.tailSetting]
    since = settings[Self.sinceSetting]
    until = settings[Self.untilSetting]
    level = settings[Self.levelSetting]
    grep = settings[Self.grepSetting].texts
    exclude = settings[Self.excludeSetting].texts
    fields = settings[Self.fieldSetting].texts
    rate = settings[Self.rateSetting]
    follow = settings[Self.followSetting]
    output = settings[Self.jsonSetting] ? .json : settings[Self.outputSetting]
    color = settings[Self.colorSetting]
    timestamps = settings[Self.timestampsSetting]
    patience = settings[Self.patienceSetting]
  }

  /// The path and query of a session.
  /// - Parameter cursor: of an earlier connection; it goes before `since` and `tail`.
  func target(cursor: String?, encode: (String) -> String) -> String {
    var pairs: [(String, String?)] = apps.map { ("app", $0) }
    pairs += [("since", since), ("until", until), ("tail", tail.map(String.init)), ("level", level)]
    pairs += grep.map { ("grep", $0) } + exclude.map { ("exclude", $0) }
    for field in fields {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      pairs.append(("field.\(parts[0])", String(parts[1])))
    }
    pairs += [("rate", rate.map(String.init)), ("follow", follow ? nil : "false"), ("cursor", cursor)]
    let query = pairs.compactMap { name, value in value.map { "\(encode(name))=\(encode($0))" } }
    return "/v1/tail?" + query.joined(separator: "&")
  }
}
