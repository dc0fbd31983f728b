import HTML

extension AppSetUpPage {
  /// What stands in the snippets where the secret cannot be shown.
  static let secretPlaceholder = "YOUR_APP_SECRET"

  func content(in context: PageContext) -> HTML {
    """
    \(obstacleNotice)<ol class="setup"><li><h2>Take the secret</h2>\(secretPart(context))</li>\
    <li><h2>Paste into your shipper</h2>\(snippets)</li>\
    <li><h2>See it arrive</h2>\(Self.firstLineFragment(firstLine, appID: appID).placed(announced: true))</li></ol>
    """
  }

  /// The part of the page that becomes the line.
  static func firstLineFragment(_ firstLine: FirstLine, appID: String) -> LiveFragment {
    let html: HTML =
      switch firstLine {
      case .awaited:
        """
        <div class="first-line" data-meaning="unknown"><p><span class="pulse" aria-hidden="true"></span>\
        Waiting for the first line…</p><p class="quiet">It appears here within seconds of being sent.</p></div>
        """
      case .accepted(let at):
        """
        <div class="first-line" data-meaning="unknown"><p><span class="pulse" aria-hidden="true"></span>\
        The first line is accepted, <time datetime="\(at.rfc3339)" title="\(at.utc)" data-clock>\(at.hourAndMinute)</time>, \
        and on its way into the index.</p><p class="quiet">It is safe in Kafka from here on.</p></div>
        """
      case .searchable(let line, let milliseconds):
        """
        <div class="first-line" data-meaning="good"><p>\(UI.icon(.good))<strong>It works.</strong> \
        \(searchable(within: milliseconds))</p>\(line.map { "<pre class=\"line\">\($0)</pre>" as HTML })\
        <p><a class="button primary" href="\(MarketRoutes.app(appID))">Open the app</a></p></div>
        """
      }
    return LiveFragment(name: "first-line", html: html)
  }

  private static func searchable(within milliseconds: Int64?) -> String {
    guard let milliseconds else { return "The line is searchable." }
    return "Searchable within \(Quantity.duration(milliseconds: milliseconds)) of being accepted."
  }

  private var obstacleNotice: HTML {
    guard let obstacle else { return "" }
    return """
      <div class="notice" data-meaning="warning" role="status">\(UI.icon(.warning))<p>\(obstacle)</p></div>
      """
  }

  private func secretPart(_ context: PageContext) -> HTML {
    let rest: HTML = """
      <dl class="facts"><div><dt>End point</dt><dd>\(UI.copyField(endPoint, label: "the end point"))</dd></div>\
      <div><dt>Topic</dt><dd><code>\(topic)</code></dd></div></dl>
      """
    guard let secret else {
      let renew: HTML =
        !mayMakeSecrets
        ? ""
        : UI.form(
          to: MarketRoutes.appSecrets(appID), csrf: context.csrf, "<button class=\"button\">New secret</button>")
      return """
        <p>The secret was shown once, when it was made.\
        \(" Where it is lost, make a new one; the old one works until it is revoked.", if: mayMakeSecrets)</p>\(renew)\(rest)
        """
    }
    return """
      <p>It is shown this once. Store it where your shipper reads it.</p>\
      \(UI.copyField(secret, label: "the secret"))\(rest)
      """
  }

  private var snippets: HTML {
    let tabs = Snippet.all(endPoint: endPoint, secret: secret ?? Self.secretPlaceholder).map { snippet in
      Tabs.Tab(
        title: snippet.title,
        content: """
          <p class="quiet">\(snippet.note)</p><div class="snippet"><pre tabindex="0"><code>\(snippet.text)</code></pre>\
          \(UI.copyButton(of: "what to paste"))</div>
          """)
    }
    return Tabs(name: "shipper", label: "Shipper", tabs: tabs).html
  }
}
