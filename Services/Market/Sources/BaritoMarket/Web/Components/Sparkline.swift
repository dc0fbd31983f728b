import HTML

/// A rate over the last hour, small enough to stand in a table's row. The scale is its own: it shows the shape, the
/// number stands beside it.
struct Sparkline: Sendable {
  /// Oldest first; nil where nothing was measured.
  var values: [Double?]
  /// What a screen reader says instead.
  var label: String

  var html: HTML {
    guard values.contains(where: { $0 != nil }) else {
      return "<svg class=\"sparkline\" viewBox=\"0 0 60 16\" aria-hidden=\"true\"></svg>"
    }
    let top = max(values.compactMap { $0 }.max() ?? 0, .leastNonzeroMagnitude)
    let path = PlotPath(values: values, top: top, width: 60, height: 14)
    return """
      <svg class="sparkline" viewBox="0 -1 60 16" preserveAspectRatio="none" role="img" aria-label="\(label)">\
      <path d="\(path.line)"/></svg>
      """
  }
}

/// The `d` of a curve, in whole units of its view box; where nothing was measured it is interrupted.
struct PlotPath: Sendable {
  private(set) var line = ""
  /// The curve closed down to the base line.
  private(set) var area = ""

  /// - Parameter top: the value at the upper edge.
  init(values: [Double?], top: Double, width: Int, height: Int) {
    let last = max(values.count - 1, 1)
    var run: [(x: Int, y: Int)] = []
    func point(_ point: (x: Int, y: Int)) -> String { "\(point.x) \(point.y)" }
    func finish(_ line: inout String, _ area: inout String) {
      guard let first = run.first else { return }
      // A lone value is drawn as a dot: a line of no length with round ends.
      let points = run.count == 1 ? "\(point(first))h0" : run.map(point).joined(separator: "L")
      line += "M\(points)"
      area += "M\(first.x) \(height)L\(run.map(point).joined(separator: "L"))V\(height)Z"
      run.removeAll()
    }
    for (index, value) in values.enumerated() {
      if let value, value.isFinite {
        let share = min(1, max(0, value / top))
        run.append((index * width / last, height - Int(share * Double(height) + 0.5)))
      } else {
        finish(&line, &area)
      }
    }
    finish(&line, &area)
  }
}
