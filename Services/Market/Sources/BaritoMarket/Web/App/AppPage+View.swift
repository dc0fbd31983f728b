import HTML

extension AppPage {
  func content(in context: PageContext) -> HTML {
    """
    \(newSecretNotice)\(Self.numbersFragment(numbers, now: context.now).placed())\
    <section aria-labelledby="hour"><h2 id="hour">Last hour</h2>\(Self.chartFragment(numbers).placed())</section>\
    \(Self.refusalFragment(refusals, now: context.now).placed())\
    <div class="columns">\(usePart)\(addressPart)</div>\(shippingPart)\(limitsPart(context))\
    \(RedactionPage.section(redaction, isInherited: isRedactionInherited, path: MarketRoutes.appRedaction(appID)))\
    \(secretPart(context))
    """
  }

  /// The badge beside the name.
  static func stateFragment(_ state: AppState) -> LiveFragment {
    LiveFragment(name: "state", html: UI.statusBadge(state.meaning, state.word))
  }

  /// The figures on top.
  static func numbersFragment(_ numbers: Numbers, now: Moment) -> LiveFragment {
    let age = UI.relativeTime(numbers.measuredAt, now: now, otherwise: "never")
    let html: HTML = """
      <dl class="figures"><div><dt>Accepted</dt><dd>\(Quantity.linesPerSecond(numbers.acceptedPerSecond))</dd>\
      <dd class="quiet">\(Quantity.bytesPerSecond(numbers.bytesPerSecond))</dd></div>\
      <div><dt>Last line</dt><dd>\(UI.relativeTime(numbers.lastLineAt, now: now, otherwise: "never"))</dd>\
      <dd class="quiet">\(lag(numbers))</dd></div>\
      \(figure("Refused", numbers.refusedPerSecond, .bad))\(figure("Quarantined", numbers.quarantinedPerSecond, .warning))\
      </dl><p class="quiet measured">Measured \(age)</p>
      """
    return LiveFragment(name: "numbers", html: html)
  }

  // Counts come in intervals: what is younger than one is not told apart.
  private static func lag(_ numbers: Numbers) -> String {
    guard let lag = numbers.lagMilliseconds, numbers.lastLineAt != nil else { return "not indexed yet" }
    return lag == 0
      ? "indexed, as far as is counted" : "index behind by \(Quantity.duration(milliseconds: lag)) or more"
  }

  private static func figure(_ name: String, _ rate: Double, _ meaning: Meaning) -> HTML {
    """
    <div\(" data-meaning=\"\(meaning.rawValue)\"", if: rate > 0)><dt>\(name)</dt><dd>\(Quantity.linesPerSecond(rate))</dd>\
    <dd class="quiet">\(Quantity.number(rate * 60)) in the last minute</dd></div>
    """
  }

  /// The chart of the last hour.
  static func chartFragment(_ numbers: Numbers) -> LiveFragment {
    LiveFragment(name: "chart", html: numbers.lastHour.html)
  }

  private var newSecretNotice: HTML {
    guard let newSecret else { return "" }
    return """
      <section class="notice tall" data-meaning="good" aria-label="The new secret"><div><p><strong>The new \
      secret.</strong> It is \
      shown this once. Put it into your shippers, then revoke the old one.</p>\
      \(UI.copyField(newSecret, label: "the new secret"))</div></section>
      """
  }

  /// Why lines were refused in the last hour; nothing where none were.
  static func refusalFragment(_ refusals: [Refusal], now: Moment) -> LiveFragment {
    LiveFragment(name: "refusals", html: refusals.isEmpty ? "" : refusalTable(refusals, now))
  }

  private static func refusalTable(_ refusals: [Refusal], _ now: Moment) -> HTML {
    let rows = refusals.map { refusal -> HTML in
      """
      <tr><th scope="row"><code>\(refusal.code)</code></th><td class="number" data-label="in the last \
      hour">\(Quantity.grouped(refusal.count))</td>\
      <td>\(UI.relativeTime(refusal.lastAt, now: now))</td><td class="words">\(refusal.remedy)</td></tr>
      """
    }
    return """
      <section aria-labelledby="refusals"><h2 id="refusals">Why lines were refused</h2>\
      <div class="scroll" tabindex="0" role="region" aria-labelledby="refusals"><table class="rows"><thead><tr>\
      <th scope="col">Reason</th><th scope="col" class="number">Last hour</th><th scope="col">Last</th>\
      <th scope="col">What to do</th></tr></thead><tbody>\(rows)</tbody></table></div></section>
      """
  }

  private var usePart: HTML {
    let now = numbers.acceptedPerSecond
    let limit = Quantity.linesPerSecond(limits.linesPerSecond)
    let bytes = limits.bytesPerSecond.map { most in
      UI.usage(
        "Bytes per second", used: numbers.bytesPerSecond, limit: most,
        text: "\(Quantity.bytesPerSecond(numbers.bytesPerSecond)) of \(Quantity.bytesPerSecond(most))")
    }
    return """
      <section aria-labelledby="use"><h2 id="use">Use and limits</h2>\
      \(UI.usage(
        "Lines per second", used: now, limit: limits.linesPerSecond, text: "\(Quantity.number(now)) of \(limit)"))\
      \(bytes)<div class="usage"><span>Kept for</span>\
      <span class="number">\(Quantity.count(retentionDays, "day"))</span></div></section>
      """
  }

  private var shippingPart: HTML {
    """
    <section aria-labelledby="shipping"><h2 id="shipping">Send lines</h2>\
    <details class="shipping"\(" open", if: newSecret != nil)><summary>Configurations of shippers</summary>\
    \(ShippingChooser(appName: name, secret: newSecret, router: router).html)</details></section>
    """
  }

  private var addressPart: HTML {
    """
    <section aria-labelledby="addresses"><h2 id="addresses">Addresses</h2><dl class="facts">\
    <div><dt>End point</dt><dd>\(UI.copyField(router.produceURL, label: "the end point"))</dd></div>\
    <div><dt>Topic</dt><dd><code>\(topic)</code></dd></div>\
    <div><dt>Indexes</dt><dd><code>\(indexPrefix)-*</code></dd></div></dl></section>
    """
  }
}
