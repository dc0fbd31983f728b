import HTML

/// Rates on one time axis, each in a row of its own with its own scale, so that three refused lines are seen beside
/// three thousand accepted ones. Server-rendered; the script adds the readout under the pointer and by arrow keys.
struct TimeSeriesChart: Sendable {
  struct Series: Sendable {
    /// What it is; the same name has the same colour on every page.
    var name: String
    /// A word for the stylesheet: `accepted`, `indexed`, `refused`, `quarantined`.
    var kind: String
    /// Lines per second, oldest first; nil where nothing was measured.
    var values: [Double?]
  }

  var label: String
  /// Of the first value.
  var start: Moment
  var secondsPerValue: Int
  var series: [Series]
  /// Kinds that are drawn to the same scale because they are compared.
  var sharedScale: Set<String> = ["accepted", "indexed"]

  private var valueCount: Int { series.map(\.values.count).max() ?? 0 }

  var html: HTML {
    """
    <figure class="chart" data-chart data-start="\(start.milliseconds)" data-step="\(secondsPerValue * 1000)" \
    tabindex="0" role="group" aria-label="\(label). Arrow keys read values.">\(series.map(row))\(axis)</figure>
    """
  }

  /// The least of 1, 2, 5 times a power of ten that holds the values: an axis that people can read.
  static func niceTop(_ greatest: Double) -> Double {
    guard greatest > 0, greatest.isFinite else { return 1 }
    var power = 1.0
    while power * 10 <= greatest { power *= 10 }
    while power > greatest { power /= 10 }
    return [1, 2, 5].lazy.map { $0 * power }.first { $0 >= greatest } ?? power * 10
  }

  private func top(of row: Series) -> Double {
    let compared = sharedScale.contains(row.kind) ? series.filter { sharedScale.contains($0.kind) } : [row]
    return Self.niceTop(compared.flatMap(\.values).compactMap { $0 }.max() ?? 0)
  }

  private func row(_ row: Series) -> HTML {
    let top = top(of: row)
    let path = PlotPath(values: row.values, top: top, width: 600, height: 100)
    let labels = row.values.map { $0.map(Quantity.number) ?? "–" }
    let newest = labels.last ?? "–"
    let peak = Quantity.linesPerSecond(row.values.compactMap { $0 }.max() ?? 0)
    return """
      <div class="chart-row" data-kind="\(row.kind)" data-labels="\(labels.joined(separator: "|"))">\
      <span class="chart-name">\(row.name)</span>\
      <div class="plot"><span class="plot-top" aria-hidden="true">\(Quantity.number(top))</span>\
      <svg viewBox="0 0 600 100" preserveAspectRatio="none" role="img" \
      aria-label="\(row.name): \(newest) lines/s now, at most \(peak)"><path class="area" d="\(path.area)"/>\
      <path class="line" d="\(path.line)"/></svg></div>\
      <span class="chart-value"><output>\(newest)</output> <span class="quiet">lines/s</span></span></div>
      """
  }

  private var axis: HTML {
    let span = Double(max(valueCount - 1, 0) * secondsPerValue)
    let ticks = (0...4).map { tick -> HTML in
      let moment = start.advanced(bySeconds: span * Double(tick) / 4)
      return "<time datetime=\"\(moment.rfc3339)\" title=\"\(moment.utc)\" data-clock>\(moment.hourAndMinute)</time>"
    }
    return "<div class=\"chart-axis\"><span data-zone>UTC</span><div>\(ticks)</div><output data-readout></output></div>"
  }
}
