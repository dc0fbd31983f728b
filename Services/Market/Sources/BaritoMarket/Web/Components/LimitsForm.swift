import BaritoCore
import HTML

/// What a form about the limits of an app or a group says: as it was typed, and what is wrong with it.
struct LimitsForm: Sendable {
  enum Name {
    static let maxTPS = "max_tps"
    static let bytesPerSecond = "max_bytes_per_second"
    static let overload = "overload"
  }

  /// The fields are called as the API calls them.
  static let fieldNames = Dictionary(
    uniqueKeysWithValues: [Name.maxTPS, Name.bytesPerSecond, Name.overload].map { ($0, $0) })

  /// Empty is no limit of its own.
  var maxTPS = ""
  var bytesPerSecond = ""
  /// What is done with more: of an app only.
  var overload = ""
  var errors = FormErrors()

  init(maxTPS: String, bytesPerSecond: String, overload: String = "") {
    self.maxTPS = maxTPS
    self.bytesPerSecond = bytesPerSecond
    self.overload = overload
  }

  /// What holds now.
  init(_ limits: IngestLimits, _ overload: AppProfile.Overload? = nil) {
    self.init(
      maxTPS: limits.linesPerSecond.map { "\($0)" } ?? "",
      bytesPerSecond: limits.bytesPerSecond.map { "\($0)" } ?? "", overload: overload?.rawValue ?? "")
  }

  /// What was typed; where something is no number, `errors` says so.
  mutating func limits() -> IngestLimits {
    IngestLimits(
      linesPerSecond: number(maxTPS, Name.maxTPS, "the lines per second", example: 500),
      bytesPerSecond: number(bytesPerSecond, Name.bytesPerSecond, "the bytes per second", example: 500_000))
  }

  private mutating func number(_ text: String, _ field: String, _ what: String, example: Int) -> Int? {
    guard !text.isEmpty else { return nil }
    if let number = Int(text), number > 0 { return number }
    errors.add(
      "“\(text)” is not a whole number above zero. Write \(what) in digits, for example \(example).", to: field)
    return nil
  }

  /// The two fields, side by side.
  /// - Parameters:
  ///   - linesHint: what the limit of lines does, and what an empty field means.
  ///   - bytesHint: the same of bytes.
  func fields(linesHint: HTML, bytesHint: HTML) -> HTML {
    let lines = Field(
      name: Name.maxTPS, label: "Lines per second", value: maxTPS, hint: linesHint, error: errors[Name.maxTPS],
      inputMode: "numeric", unit: "lines/s")
    let bytes = Field(
      name: Name.bytesPerSecond, label: "Bytes per second", value: bytesPerSecond, hint: bytesHint,
      error: errors[Name.bytesPerSecond], inputMode: "numeric", unit: "B/s")
    return "\(errors.summary)<div class=\"pair\">\(lines.html)\(bytes.html)</div>"
  }

  /// The section with the form.
  static func section(to path: String, _ csrf: CSRFToken, _ fields: HTML) -> HTML {
    let button: HTML = "<button class=\"button primary\">Save limits</button>"
    return """
      <section aria-labelledby="limits"><h2 id="limits">Limits</h2>\
      \(UI.form(to: path, csrf: csrf, isMultiField: true, "\(fields)\(button)"))</section>
      """
  }
}
