import HTML

/// The reference configurations with an app's values, of which one is chosen.
struct ShippingChooser: Sendable {
  /// What stands in the configurations where the secret cannot be shown.
  static let secretPlaceholder = "YOUR_APP_SECRET"

  var values: ShippingValues

  /// - Parameter secret: the secret's value, on the one page that may show it.
  init(appName: String, secret: String?, router: RouterAddresses) {
    values = ShippingValues(appName: appName, secret: secret ?? Self.secretPlaceholder, router: router)
  }

  var html: HTML {
    let tabs = ShippingGuide.all.map { guide in
      let filled = guide.filled(with: values)
      return Tabs.Tab(
        title: guide.title,
        content: """
          <p class="quiet">\(filled.note)</p><div class="snippet"><pre tabindex="0"><code>\(filled.text)</code></pre>\
          \(UI.copyButton(of: "what to paste"))</div>
          """)
    }
    let hint: HTML =
      values.secret != Self.secretPlaceholder
      ? ""
      : """
      <p class="hint">Write the app's secret for <code>\(Self.secretPlaceholder)</code>. It was shown once, when it was \
      made; where it is lost, make a new one.</p>
      """
    return hint + Tabs(name: "shipper", label: "Shipper", tabs: tabs).html
  }
}
