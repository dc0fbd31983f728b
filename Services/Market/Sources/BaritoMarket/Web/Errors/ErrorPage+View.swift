import HTML

extension ErrorPage {
  func content(in context: PageContext) -> HTML {
    let way: HTML =
      context.viewer == nil
      ? "<a class=\"button primary\" href=\"\(MarketRoutes.signIn)\">Sign in</a>"
      : UI.mainAction("My apps", to: MarketRoutes.myApps)
    return """
      <p class="lead">\(sentence)</p><p>\(way)</p>\
      <dl class="facts"><div><dt>Status</dt><dd>\(kind.rawValue)</dd></div>\
      <div><dt>Request</dt><dd>\(UI.copyField(requestID, label: "the request id"))</dd></div></dl>
      """
  }
}
