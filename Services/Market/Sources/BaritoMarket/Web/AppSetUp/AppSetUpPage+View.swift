import HTML

extension AppSetUpPage {
  func content(in context: PageContext) -> HTML {
    """
    \(Self.obstacleFragment(obstacle).placed())<ol class="setup"><li><h2>Take the secret</h2>\(secretPart(context))</li>\
    <li><h2>Paste into your shipper</h2>\(ShippingChooser(appName: name, secret: secret, router: router).html)</li>\
    <li><h2>See it arrive</h2>\(Self.firstLineFragment(firstLine, appID: appID).placed(announced: true))</li></ol>\
    <p class="hint">Before the first line: <a href="\(MarketRoutes.appRedaction(appID))">say what is to be hidden in \
    lines</a>.</p>
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

  /// What holds the first line up; nothing once nothing does.
  static func obstacleFragment(_ obstacle: String?) -> LiveFragment {
    guard let obstacle else { return LiveFragment(name: "obstacle", html: "") }
    let html: HTML = """
      <div class="notice" data-meaning="warning" role="status">\(UI.icon(.warning))<p>\(obstacle)</p></div>
      """
    return LiveFragment(name: "obstacle", html: html)
  }

  private func secretPart(_ context: PageContext) -> HTML {
    let rest: HTML = """
      <dl class="facts"><div><dt>End point</dt><dd>\(UI.copyField(router.produceURL, label: "the end point"))</dd></div>\
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
}
