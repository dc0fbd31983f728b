import BaritoCore
import Settings

/// What a person decides who looks into the quarantine.
struct QuarantineSettings: Sendable {
  enum Output: String, CaseIterable, SettingValue { case text, json, raw }

  /// An option that may be given several times; each text is a field as it is, empty or with commas.
  struct Fields: SettingValue {
    var texts: [String] = []

    static var settingTypeName: String { "field" }
    static func parseSetting(_ text: String) -> Fields { Fields(texts: text.isEmpty ? [] : [text]) }
    static func parseSettings(_ texts: [String]) -> Fields { Fields(texts: texts) }
    var settingText: String { texts.joined(separator: " ") }
  }

  var command: String
  /// The fingerprint or the id that `show` was given.
  var subject: String?
  var elasticsearchURL: String
  var authorization: String?
  var timeout: Duration
  var naming: TopicNaming
  var filter: QuarantineFilter
  /// A duration before now; the filter has it once there is a clock.
  var age: Duration?
  var all: Bool
  var limit: Int?
  var rate: Int?
  var isDryRun: Bool
  var repair: DocumentRepair
  var output: Output

  static let app = Setting("app", String?.self, default: nil, "Only of this app: its topic without prefix and suffix.")
  static let topic = Setting("topic", String?.self, default: nil, "Only of this topic.")
  static let since = Setting(
    "since", String?.self, default: nil, "Only what came since (2h, 7d), or since a time (2026-11-22T10:15:00Z).",
    check: { text in
      text.map { QuarantineSettings.readsSince($0) } ?? true
        ? nil : SettingFault("is neither a duration nor a time", remedy: "write 2h, 7d or 2026-11-22T10:15:00Z")
    })
  static let fingerprint = Setting(
    "fingerprint", String?.self, default: nil, "Only entries of this cause, as list tells it.")
  static let identifier = Setting("id", String?.self, default: nil, "Only the entry of the document with this id.")
  static let everything = Setting("all", Bool.self, default: false, "Every entry there is, of all apps.")
  static let limit = Setting(
    "limit", Int?.self, default: nil, "At most so many entries; groups where entries are grouped.",
    check: { $0 ?? 1 > 0 ? nil : SettingFault("is not above zero", remedy: "write 1 or more") })
  static let rate = Setting(
    "rate", Int?.self, default: nil, "At most so many lines a second.",
    check: { $0 ?? 1 > 0 ? nil : SettingFault("is not above zero", remedy: "write 1 or more") })
  static let dryRun = Setting("dry-run", Bool.self, default: false, "Print the documents, send and change nothing.")
  static let drop = Setting("drop", Fields.self, default: Fields(), "Leave this field out; repeatable.")
  static let rename = Setting(
    "rename", Fields.self, default: Fields(), "Give a field another key, as old=new; repeatable.",
    check: { fields in
      fields.texts.allSatisfy { QuarantineSettings.rename($0) != nil }
        ? nil : SettingFault("has no = between two keys", remedy: "write old=new")
    })
  static let stringify = Setting(
    "stringify", Fields.self, default: Fields(), "Make the value of this field a text; repeatable.")
  static let outputSetting = Setting(
    "output", Output.self, default: .text, short: "o", "text for people, json an object a line, raw the lines alone.")

  init(_ settings: SettingsReader) throws(SettingsErrors) {
    command = settings.command.dropFirst().first ?? ""
    subject = settings.positionals.first
    elasticsearchURL = settings[FlowConfiguration.elasticsearchAddress].text
    authorization = settings[FlowConfiguration.authorization]
    timeout = settings[FlowConfiguration.timeout]
    naming = TopicNaming(
      prefix: settings[FlowConfiguration.topicPrefix], suffix: settings[FlowConfiguration.topicSuffix])
    let isReplay = command == "replay"
    filter = QuarantineFilter()
    (all, limit, rate, isDryRun, repair, output) = (false, nil, nil, false, DocumentRepair(steps: []), .text)
    guard !command.isEmpty else { return }
    filter.topic = settings[Self.topic] ?? settings[Self.app].map { naming.topic(for: $0) }
    limit = settings[Self.limit]
    output = settings[Self.outputSetting]
    if command != "show", let since = settings[Self.since] {
      filter.since = Timestamp(since)?.milliseconds
      age = filter.since == nil ? try? Duration.parseSetting(since) : nil
    }
    guard isReplay else { return }
    filter.fingerprint = settings[Self.fingerprint]
    filter.id = settings[Self.identifier]
    all = settings[Self.everything]
    rate = settings[Self.rate]
    isDryRun = settings[Self.dryRun]
    repair.steps =
      settings[Self.drop].texts.map { .drop(FieldPath($0)) }
      + settings[Self.stringify].texts.map { .stringify(FieldPath($0)) }
      + settings[Self.rename].texts.compactMap(Self.rename)
    let isChosen = !filter.isEverything || age != nil || all
    try settings.verify { rules in
      rules.require(
        isChosen, Self.everything, "is not given, and nothing else says which entries are meant",
        remedy: "give --fingerprint, --app, --topic, --id or --since, or say --all")
    }
  }

  private static func readsSince(_ text: String) -> Bool {
    Timestamp(text) != nil || (try? Duration.parseSetting(text)) != nil
  }

  /// Reads `old=new`. The new key may be written with the same path before it: `a.b=a.c`.
  private static func rename(_ text: String) -> DocumentRepair.Step? {
    guard let equal = text.lastIndex(of: "=") else { return nil }
    let old = String(text[..<equal])
    var new = text[text.index(after: equal)...]
    guard !new.isEmpty else { return nil }
    if let dot = old.lastIndex(of: "."), dot > old.startIndex, new.hasPrefix(old[...dot]) {
      new = new.dropFirst(old[...dot].count)
    }
    return new.isEmpty ? nil : .rename(FieldPath(old), to: String(new))
  }
}
