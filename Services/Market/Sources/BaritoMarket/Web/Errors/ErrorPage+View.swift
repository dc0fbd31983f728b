import HTML

extension ErrorPage {
  func content(in context: PageContext) -> HTML {
    let way: HTML =
      switch kind {
      // Who asks may not be known while the database is away, and signing in would not help.
      case .failed, .unavailable: UI.mainAction("Try again", to: retryPath ?? MarketRoutes.myApps)
      default:
        context.viewer == nil
          ? UI.mainAction("Sign in", to: MarketRoutes.signIn) : UI.mainAction("My apps", to: MarketRoutes.myApps)
      }
    return """
      <p class="lead">\(sentence)</p><p>\(way)</p>\
      <dl class="facts"><div><dt>Status</dt><dd>\(kind.rawValue)</dd></div>\
      <div><dt>Request</dt><dd>\(UI.copyField(requestID, label: "the request id"))</dd></div></dl>
      """
  }
}
