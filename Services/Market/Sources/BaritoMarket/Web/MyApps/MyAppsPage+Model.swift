import HTML

/// Is anything of mine wrong?
struct MyAppsPage: Page {
  enum Query {
    static let filter = "q"
    static let page = "page"
  }

  /// How many rows a page has: a page stays below 100 KB.
  static let rowsPerPage = 100

  /// The apps of this page, in the order of ``sorted(_:)``.
  var apps: [Row]
  /// Of all apps that match the filter.
  var matchCount: Int
  /// Of all apps that the viewer may see.
  var appCount: Int
  /// Of those, how many somebody should look at.
  var troubleCount: Int
  /// All accepted lines per second of the apps that the viewer may see.
  var linesPerSecond = 0.0
  var filter = ""
  /// Counted from 1.
  var page = 1

  struct Row: Sendable {
    var id: String
    var name: String
    var groupName: String
    var state: AppState
    var linesPerSecond: Double?
    /// Of the last hour, oldest first.
    var lastHour: [Double?] = []
    var lastLineAt: Moment?
    var refusedPerSecond = 0.0
    var lagMilliseconds: Int64?
    var retentionDays: Int
  }

  var title: String { "My apps" }
  var hasSearch: Bool { appCount > 0 }
  var state: HTML {
    guard appCount > 0 else { return "" }
    let total = Quantity.count(appCount, "app")
    return troubleCount == 0
      ? UI.statusBadge(.good, "\(total), nothing wrong")
      : UI.statusBadge(
        .warning, "\(Quantity.grouped(troubleCount)) of \(total) need\(troubleCount == 1 ? "s" : "") a look")
  }
  var action: HTML { appCount == 0 ? "" : UI.mainAction("Register app", to: MarketRoutes.register) }

  var pageCount: Int { max(1, (matchCount + Self.rowsPerPage - 1) / Self.rowsPerPage) }

  /// Worst first; among equals the busier, then by name.
  static func sorted(_ rows: [Row]) -> [Row] {
    rows.sorted { first, second in
      if first.state != second.state { return first.state < second.state }
      let rates = (first.linesPerSecond ?? 0, second.linesPerSecond ?? 0)
      if rates.0 != rates.1 { return rates.0 > rates.1 }
      return (first.name, first.id) < (second.name, second.id)
    }
  }
}
