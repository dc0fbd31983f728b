import BaritoCore
import HTML

extension AppPage {
  /// What the app may send, and what is done with more.
  struct LimitsForm: Sendable {
    enum Name {
      static let maxTPS = "max_tps"
      static let bytesPerSecond = "max_bytes_per_second"
      static let overload = "overload"
    }

    /// As typed, or as it is; empty is no limit of its own.
    var maxTPS = ""
    var bytesPerSecond = ""
    var overload = AppProfile.Overload.refuse.rawValue
    var errors = FormErrors()
  }

  /// The form with which owners and admins set the app's limits; nothing for others.
  func limitsPart(_ context: PageContext) -> HTML {
    guard let form = limitsForm else { return "" }
    let fields: HTML = """
      \(form.errors.summary)<div class="pair">\(Self.linesField(form).html)\(Self.bytesField(form).html)</div>\
      <fieldset class="choice" id="\(LimitsForm.Name.overload)"><legend>Over the limit</legend><div class="options">\
      \(Self.option(form, .refuse, "Refuse with 429", "The sender is told when to send the batch again."))\
      \(Self.option(form, .refuseAsUnavailable, "Refuse with 503", "For senders that try again on nothing else."))\
      \(Self.option(form, .absorb, "Take the lines all the same", "For senders that drop what is refused."))\
      </div>\(Field.message(form.errors[LimitsForm.Name.overload], for: LimitsForm.Name.overload))</fieldset>\
      <button class="button primary">Save limits</button>
      """
    return """
      <section aria-labelledby="limits"><h2 id="limits">Limits</h2>\
      \(UI.form(to: MarketRoutes.appLimits(appID), csrf: context.csrf, isMultiField: true, fields))</section>
      """
  }

  private static func linesField(_ form: LimitsForm) -> Field {
    Field(
      name: LimitsForm.Name.maxTPS, label: "Lines per second", value: form.maxTPS,
      hint: "Guaranteed, whatever other apps of the group send. Left empty, an even share of the group's limit.",
      error: form.errors[LimitsForm.Name.maxTPS], inputMode: "numeric", unit: "lines/s")
  }

  private static func bytesField(_ form: LimitsForm) -> Field {
    Field(
      name: LimitsForm.Name.bytesPerSecond, label: "Bytes per second", value: form.bytesPerSecond,
      hint: "Of documents as they are stored. Left empty, none of its own.",
      error: form.errors[LimitsForm.Name.bytesPerSecond], inputMode: "numeric", unit: "B/s")
  }

  private static func option(
    _ form: LimitsForm, _ overload: AppProfile.Overload, _ title: String, _ detail: String
  ) -> HTML {
    """
    <label class="option"><input type="radio" name="\(LimitsForm.Name.overload)" value="\(overload.rawValue)"\
    \(" checked", if: form.overload == overload.rawValue)><span><strong>\(title)</strong>\
    <span class="quiet">\(detail)</span></span></label>
    """
  }
}

extension AppPage.LimitsForm {
  /// What holds now.
  init(_ app: App) {
    self.init(
      maxTPS: app.limits.linesPerSecond.map { "\($0)" } ?? "",
      bytesPerSecond: app.limits.bytesPerSecond.map { "\($0)" } ?? "", overload: app.overload.rawValue)
  }

  /// What is asked for; where something is no number or no choice, `errors` says so.
  mutating func change() -> Apps.Change {
    var change = Apps.Change()
    change.maxTPS = .set(number(maxTPS, Name.maxTPS, "the lines per second", example: 500))
    change.bytesPerSecond = .set(number(bytesPerSecond, Name.bytesPerSecond, "the bytes per second", example: 500_000))
    change.overload = AppProfile.Overload(rawValue: overload)
    if change.overload == nil {
      errors.add("Nothing is chosen for what is over the limit. Choose one of the three.", to: Name.overload)
    }
    return change
  }

  private mutating func number(_ text: String, _ field: String, _ what: String, example: Int) -> Int? {
    guard !text.isEmpty else { return nil }
    if let number = Int(text), number > 0 { return number }
    errors.add(
      "“\(text)” is not a whole number above zero. Write \(what) in digits, for example \(example).", to: field)
    return nil
  }
}
