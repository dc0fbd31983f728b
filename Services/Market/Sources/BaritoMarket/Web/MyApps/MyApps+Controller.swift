import BaritoCore
import HTTP

/// The first page: every app that one may see, worst first.
extension WebController {
  func myApps(_ call: WebCall) async throws -> HTTPResponse {
    let now = services.clock()
    let all = try await services.apps.list(try call.principal)
    let recent = try await services.apps.accepted(
      of: all.map(\.app.id), seconds: AppSummary.span, step: AppSummary.step)
    let rows = all.map { MyAppsPage.Row($0, recent[$0.app.id] ?? [], now: now) }
    let filter = String((call.request.query.first(MyAppsPage.Query.filter) ?? "").prefix(100))
    let matches = MyAppsPage.sorted(MyAppsPage.filtered(rows, by: filter))
    var page = MyAppsPage(
      apps: [], matchCount: matches.count, appCount: rows.count, troubleCount: rows.count { $0.state.isTrouble },
      linesPerSecond: rows.reduce(0) { $0 + ($1.linesPerSecond ?? 0) }, filter: filter)
    page.page = min(max(Int(call.request.query.first(MyAppsPage.Query.page) ?? "") ?? 1, 1), page.pageCount)
    let size = MyAppsPage.rowsPerPage
    page.apps = Array(matches.dropFirst((page.page - 1) * size).prefix(size))
    try await addSparklines(to: &page.apps, now: now)
    return try await render(page, call)
  }

  private func addSparklines(to rows: inout [MyAppsPage.Row], now: Int64) async throws {
    let ids = rows.compactMap { Int64($0.id).map { AppID($0) } }
    let (count, step) = (30, Int64(120_000))
    let points = try await services.apps.accepted(of: ids, seconds: count * 120, step: 120)
    // The interval that is not over yet would always look like a fall.
    let start = now - now % step - Int64(count) * step
    for index in rows.indices where rows[index].lastLineAt != nil {
      guard let id = Int64(rows[index].id) else { continue }
      var values = [Double?](repeating: 0, count: count)
      for point in points[AppID(id)] ?? [] {
        let place = Int((point.at - start) / step)
        if point.at >= start, place < count { values[place] = Double(point.counts.accepted) / 120 }
      }
      rows[index].lastHour = values
    }
  }
}

extension MyAppsPage {
  /// The rows whose app or group has every word in its name.
  static func filtered(_ rows: [Row], by filter: String) -> [Row] {
    let words = filter.lowercased().split(separator: " ")
    guard !words.isEmpty else { return rows }
    return rows.filter { row in
      let names = "\(row.name) \(row.groupName)".lowercased()
      return words.allSatisfy { names.contains($0) }
    }
  }
}

extension MyAppsPage.Row {
  init(_ detail: Apps.Detail, _ recent: [UsagePoint], now: Int64) {
    let summary = AppSummary(detail, recent, now: now)
    let hasSent = detail.rate.lastLineAt != nil
    self.init(
      id: "\(detail.app.id)", name: detail.app.name, groupName: detail.group.name, state: summary.state,
      linesPerSecond: hasSent ? detail.rate.linesPerSecond : nil,
      lastLineAt: detail.rate.lastLineAt.map { Moment(milliseconds: $0) },
      refusedPerSecond: detail.rate.refusedPerSecond, lagMilliseconds: summary.lag,
      retentionDays: detail.app.retentionDays)
  }
}
