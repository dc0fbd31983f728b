import BaritoCore
import HTML

extension AppPage {
  /// The form with which owners and admins set the app's limits; nothing for others.
  func limitsPart(_ context: PageContext) -> HTML {
    guard let form = limitsForm else { return "" }
    let fields = form.fields(
      linesHint:
        "Guaranteed, whatever other apps of the group send. Left empty, an even share of the group's limit.",
      bytesHint: "Of documents as they are stored. Left empty, none of its own.")
    let name = LimitsForm.Name.overload
    let choice: HTML = """
      <fieldset class="choice" id="\(name)"><legend>Over the limit</legend><div class="options">\
      \(Self.option(form, .refuse, "Refuse with 429", "The sender is told when to send the batch again."))\
      \(Self.option(form, .refuseAsUnavailable, "Refuse with 503", "For senders that try again on nothing else."))\
      \(Self.option(form, .absorb, "Take the lines all the same", "For senders that drop what is refused."))\
      </div>\(Field.message(form.errors[name], for: name))</fieldset>
      """
    return LimitsForm.section(to: MarketRoutes.appLimits(appID), context.csrf, "\(fields)\(choice)")
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
