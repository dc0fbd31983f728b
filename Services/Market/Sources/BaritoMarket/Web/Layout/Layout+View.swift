import HTML

extension Page {
  /// The whole document.
  func html(in context: PageContext) -> HTML {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"><title>\(title) · Barito</title>\
    <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">\
    <link rel="icon" href="\(Asset.logo.path)" type="image/svg+xml">\
    <link rel="stylesheet" href="\(Asset.stylesheet.path)"><script src="\(Asset.script.path)" defer></script></head>
    <body data-now="\(context.now.milliseconds)"><a class="skip" href="#content">Skip to \
    content</a>\(Layout.bar(hasSearch: !hasSearch, in: context))
    <div class="shell" data-width="\(width.rawValue)"\(" data-group", if: group != nil)>\(group.map(Layout.sections))\
    <main id="content"\(events.map { " data-events=\"\($0)\"" as HTML })>\(Layout.flash(context.flash))<div class="title"><h1>\(title)</h1>\(state)\
    <div class="actions">\(action)</div></div>
    \(content(in: context))</main></div>
    \(context.viewer == nil ? "" : Layout.help)</body></html>

    """
  }
}

/// What stands around every page.
enum Layout {
  static func bar(hasSearch: Bool, in context: PageContext) -> HTML {
    """
    <header class="bar"><a class="product" href="\(MarketRoutes.myApps)"><img src="\(Asset.logo.path)" width="24" \
    height="24" \
    alt="">Barito</a>\(context.viewer.map { signedIn($0, hasSearch, context) })</header>
    """
  }

  private static func signedIn(_ viewer: PageContext.Viewer, _ hasSearch: Bool, _ context: PageContext) -> HTML {
    """
    <nav aria-label="Main"><a href="\(MarketRoutes.myApps)">Apps</a>\(groups(context.groups))\
    \("<a href=\"\(MarketRoutes.infrastructures)\">Infrastructures</a>", if: viewer.isAdministrator)</nav>\
    \(search, if: hasSearch)\(account(viewer, context.csrf))
    """
  }

  private static let search: HTML = """
    <form class="search" role="search" action="\(MarketRoutes.myApps)"><label class="unseen" for="search">Search \
    apps</label>\
    <input id="search" name="\(MyAppsPage.Query.filter)" type="search" placeholder="Search apps" autocomplete="off">\
    <kbd aria-hidden="true">/</kbd></form>
    """

  private static func groups(_ groups: [PageContext.GroupLink]) -> HTML {
    guard !groups.isEmpty else { return "" }
    let links = groups.map { "<li><a href=\"\(MarketRoutes.group($0.clusterName))\">\($0.name)</a></li>" as HTML }
    return "<details class=\"menu\"><summary>Groups</summary><ul>\(links)</ul></details>"
  }

  private static func account(_ viewer: PageContext.Viewer, _ csrf: CSRFToken) -> HTML {
    let signOut = UI.form(to: MarketRoutes.signOut, csrf: csrf, "<button class=\"plain\">Sign out</button>")
    return """
      <details class="menu account"><summary>\(viewer.userName)</summary><ul>\
      <li><a href="\(MarketRoutes.account)">Account and API tokens</a></li>\
      <li><button type="button" class="plain" data-help>Keyboard \
      shortcuts</button></li><li>\(signOut)</li></ul></details>
      """
  }

  /// The left column.
  static func sections(_ group: GroupNavigation) -> HTML {
    let apps = group.apps.map { app -> HTML in
      """
      <li><a href="\(MarketRoutes.app(app.id))"\(" aria-current=\"page\"", if: app.id == group.currentAppID)>\
      <span class="mark" data-meaning="\(app.state.meaning.rawValue)" title="\(app.state.word)">\
      \(UI.icon(app.state.meaning))</span><span class="name">\(app.name)</span></a></li>
      """
    }
    let path = MarketRoutes.group(group.clusterName)
    let more: HTML = "<li><a class=\"quiet\" href=\"\(path)\">All \(Quantity.count(group.appCount, "app"))</a></li>"
    return """
      <nav class="sections" aria-label="\(group.name)"><p class="over">Group</p><ul><li><a href="\(path)"\
      \(" aria-current=\"page\"", if: group.currentAppID == nil)><span class="name">\(group.name)</span></a></li></ul>\
      <p class="over">Apps</p><ul>\(apps)\(more, if: group.appCount > group.apps.count)\
      <li><a class="quiet" href="\(MarketRoutes.register(inGroup: group.clusterName))">Register app</a></li></ul></nav>
      """
  }

  static func flash(_ flash: PageContext.Flash?) -> HTML {
    guard let flash else { return "" }
    return """
      <div class="notice" data-meaning="\(flash.meaning.rawValue)" role="status">\
      \(UI.icon(flash.meaning))<p>\(flash.text)</p></div>
      """
  }

  static let help: HTML = """
    <dialog id="help" aria-labelledby="help-title"><h2 id="help-title">Keyboard shortcuts</h2><dl class="keys">\
    <div><dt><kbd>/</kbd></dt><dd>Search apps</dd></div><div><dt><kbd>g</kbd> <kbd>a</kbd></dt><dd>My apps</dd></div>\
    <div><dt><kbd>g</kbd> <kbd>r</kbd></dt><dd>Register app</dd></div>\
    <div><dt><kbd>←</kbd> <kbd>→</kbd></dt><dd>Read a chart</dd></div><div><dt><kbd>?</kbd></dt><dd>This \
    list</dd></div></dl>\
    <form method="dialog"><button class="button">Close</button></form></dialog>
    """
}
