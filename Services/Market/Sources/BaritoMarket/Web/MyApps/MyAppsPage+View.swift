import HTML

extension MyAppsPage {
  func content(in context: PageContext) -> HTML {
    guard appCount > 0 else {
      return UI.emptyState(
        "No app logs here yet",
        "Register one: you get a secret and five lines to paste, and this page shows when the first line is searchable.",
        action: UI.mainAction("Register app", to: MarketRoutes.register))
    }
    return "\(toolbar)\(apps.isEmpty ? noMatch : table(now: context.now))\(pages)"
  }

  private var toolbar: HTML {
    """
    <form class="toolbar" role="search" action="\(MarketRoutes.myApps)"><label class="unseen" for="search">Filter by \
    app or group</label>\
    <input id="search" name="\(Query.filter)" type="search" value="\(filter)" placeholder="Filter by app or group" \
    autocomplete="off" data-filter="apps"><kbd aria-hidden="true">/</kbd><button class="button">Filter</button>\
    <p class="quiet number">\(Quantity.linesPerSecond(linesPerSecond)) in all</p></form>
    """
  }

  private var noMatch: HTML {
    UI.emptyState(
      "No app matches “\(filter)”", "The filter looks at the names of apps and groups.",
      action: "<a class=\"button\" href=\"\(MarketRoutes.myApps)\">Show all apps</a>")
  }

  private func table(now: Moment) -> HTML {
    """
    <div class="scroll" tabindex="0" role="region" aria-label="My apps"><table class="rows apps" id="apps"><thead><tr>\
    <th scope="col">App</th><th scope="col">State</th>\
    <th scope="col" aria-label="The last hour"></th><th scope="col" class="number">Lines/s</th>\
    <th scope="col">Last line</th><th scope="col" class="number">Refused/s</th><th scope="col" class="number">Lag</th>\
    <th scope="col" class="number">Kept</th></tr></thead><tbody>\(apps.map { row($0, now) })</tbody></table></div>
    """
  }

  private func row(_ app: Row, _ now: Moment) -> HTML {
    let rate = app.linesPerSecond.map(Quantity.number) ?? "–"
    let spark = Sparkline(values: app.lastHour, label: "Lines per second over the last hour, now \(rate)").html
    let refused: HTML =
      app.refusedPerSecond > 0 ? "<strong class=\"bad\">\(Quantity.number(app.refusedPerSecond))</strong>" : "0"
    let lag = app.lagMilliseconds.map { $0 < 60_000 ? "<\u{00A0}1 min" : Quantity.duration(milliseconds: $0) } ?? "–"
    return """
      <tr><th scope="row"><a href="\(MarketRoutes.app(app.id))">\(app.name)</a><span \
      class="quiet">\(app.groupName)</span></th>\
      <td>\(UI.statusBadge(app.state.meaning, app.state.word))</td><td>\(spark)</td>\
      <td class="number" data-label="lines/s">\(rate)</td>\
      <td data-label="last line">\(UI.relativeTime(app.lastLineAt, now: now, otherwise: "never"))</td>\
      <td class="number" data-label="refused/s">\(refused)</td><td class="number" data-label="lag">\(lag)</td>\
      <td class="number" data-label="kept">\(Quantity.count(app.retentionDays, "day"))</td></tr>

      """
  }

  private var pages: HTML {
    guard pageCount > 1 else { return "" }
    let previous = MarketRoutes.myApps(filter: filter, page: page - 1)
    let next = MarketRoutes.myApps(filter: filter, page: page + 1)
    let first = (page - 1) * Self.rowsPerPage + 1
    let last = min(matchCount, first + apps.count - 1)
    return """
      <nav class="pages" aria-label="Pages">\("<a class=\"button\" href=\"\(previous)\" rel=\"prev\">Previous</a>", if: page > 1)\
      <span class="quiet">\(Quantity.grouped(first)) to \(Quantity.grouped(last)) of \
      \(Quantity.grouped(matchCount))</span>\
      \("<a class=\"button\" href=\"\(next)\" rel=\"next\">Next</a>", if: page < pageCount)</nav>
      """
  }
}
