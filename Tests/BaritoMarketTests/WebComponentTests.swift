import HTML
import Testing

@testable import BaritoMarket

@Suite struct WebQuantityTests {
  @Test(
    "a number has three significant digits and no trailing zero",
    arguments: [
      (0, "0"), (0.001, "< 0.01"), (0.25, "0.25"), (0.5, "0.5"), (1, "1"), (1.236, "1.24"), (9.994, "9.99"),
      (9.996, "10"),
      (12.34, "12.3"), (99.94, "99.9"), (99.96, "100"), (312, "312"), (999.4, "999"), (999.6, "1 k"), (1240, "1.24 k"),
      (38_400, "38.4 k"), (999_499, "999 k"), (999_500, "1 M"), (2.64e6, "2.64 M"), (3.1e9, "3.1 G"), (1e18, "1 E"),
    ] as [(Double, String)])
  func number(value: Double, text: String) {
    #expect(Quantity.number(value).replacingNoBreakSpaces == text)
  }

  @Test("what was not measured is a dash, what is absurd does not crash", arguments: [-1, .nan, .infinity])
  func notMeasured(value: Double) {
    #expect(Quantity.linesPerSecond(value) == "–")
    #expect(!Quantity.bytes(.greatestFiniteMagnitude).isEmpty)
  }

  @Test("the prefix stands before the unit as people write it")
  func units() {
    #expect(Quantity.linesPerSecond(1240).replacingNoBreakSpaces == "1.24 k lines/s")
    #expect(Quantity.linesPerSecond(12).replacingNoBreakSpaces == "12 lines/s")
    #expect(Quantity.bytes(3.1e9).replacingNoBreakSpaces == "3.1 GB")
    #expect(Quantity.bytes(12).replacingNoBreakSpaces == "12 B")
    #expect(Quantity.bytesPerSecond(1.9e6).replacingNoBreakSpaces == "1.9 MB/s")
    #expect(Quantity.bytesPerDay(linesPerSecond: 1000).replacingNoBreakSpaces == "43.2 GB/day")
  }

  @Test(
    "a duration is written in its largest sensible unit",
    arguments: [
      (-5, "–"), (3, "3 ms"), (420, "0.42 s"), (1340, "1.3 s"), (9990, "9.9 s"), (10_000, "10 s"), (119_999, "119 s"),
      (120_000, "2 min"), (7_199_000, "119 min"), (7_200_000, "2 h"), (172_800_000, "2 days"),
    ] as [(Int64, String)])
  func duration(milliseconds: Int64, text: String) {
    #expect(Quantity.duration(milliseconds: milliseconds).replacingNoBreakSpaces == text)
  }

  @Test("counts agree with their noun and set thousands apart")
  func counts() {
    #expect(Quantity.count(1, "app") == "1 app")
    #expect(Quantity.count(0, "app") == "0 apps")
    #expect(Quantity.count(12_345, "app") == "12,345 apps")
    #expect(Quantity.grouped(-1_234_567) == "-1,234,567")
    #expect(Quantity.grouped(100) == "100")
  }
}

extension String {
  /// For reading expectations: no-break spaces as ordinary ones.
  var replacingNoBreakSpaces: String { String(map { $0 == "\u{00A0}" ? " " : $0 }) }
}

@Suite struct WebMomentTests {
  @Test(
    "a moment is the calendar's day and time in UTC",
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (951_782_400_000, "2000-02-29T00:00:00Z"),
      (1_709_164_800_000, "2024-02-29T00:00:00Z"),
      (1_735_689_599_999, "2024-12-31T23:59:59Z"), (4_107_542_400_000, "2100-03-01T00:00:00Z"),
      (-1000, "1969-12-31T23:59:59Z"),
    ] as [(Int64, String)])
  func calendar(milliseconds: Int64, text: String) {
    #expect(Moment(milliseconds: milliseconds).rfc3339 == text)
  }

  @Test("relative times say how long ago, with the exact time on hover")
  func relative() {
    let now = Moment(milliseconds: 1_709_164_800_000)
    let html = UI.relativeTime(now.advanced(bySeconds: -4), now: now).markup.replacingNoBreakSpaces
    #expect(html == "<time datetime=\"2024-02-28T23:59:56Z\" title=\"2024-02-28 23:59:56 UTC\">4 s ago</time>")
    #expect(UI.relativeTime(now.advanced(bySeconds: 4), now: now).markup.contains(">now<"))
    #expect(UI.relativeTime(nil, now: now, otherwise: "never").markup == "<span class=\"quiet\">never</span>")
  }
}

@Suite struct WebChartTests {
  @Test("a curve spans the width and is cut where nothing was measured")
  func path() {
    let path = PlotPath(values: [0, 10, nil, 5, 10], top: 10, width: 40, height: 10)
    #expect(path.line == "M0 10L10 0M30 5L40 0")
    #expect(path.area == "M0 10L0 10L10 0V10ZM30 10L30 5L40 0V10Z")
  }

  @Test("a lone value is a dot, and no values are no curve")
  func lone() {
    #expect(PlotPath(values: [nil, 10, nil], top: 10, width: 20, height: 10).line == "M10 0h0")
    #expect(PlotPath(values: [], top: 1, width: 20, height: 10).line.isEmpty)
    #expect(PlotPath(values: [.nan, .infinity], top: 1, width: 20, height: 10).line.isEmpty)
  }

  @Test("values beyond the scale stay inside the picture")
  func clamped() {
    #expect(PlotPath(values: [-5, 50], top: 10, width: 10, height: 10).line == "M0 10L10 0")
  }

  @Test(
    "an axis ends at 1, 2 or 5 times a power of ten",
    arguments: [(0, 1), (0.3, 0.5), (1, 1), (1.1, 2), (4210, 5000), (5001, 10_000), (310, 500)] as [(Double, Double)])
  func axis(greatest: Double, top: Double) {
    #expect(abs(TimeSeriesChart.niceTop(greatest) - top) < top * 1e-9)
  }

  @Test("a sparkline of zeros lies on the ground, one without values is empty and silent")
  func sparkline() {
    #expect(Sparkline(values: [0, 0], label: "none").html.markup.contains("M0 14L60 14"))
    let empty = Sparkline(values: [nil, nil], label: "none").html.markup
    #expect(!empty.contains("<path") && empty.contains("aria-hidden"))
  }

  @Test("accepted and indexed share a scale, refused has its own")
  func scales() {
    let chart = TimeSeriesChart(
      label: "Lines", start: .mockNow, secondsPerValue: 60,
      series: [
        .init(name: "Accepted", kind: "accepted", values: [100, 4000]),
        .init(name: "Indexed", kind: "indexed", values: [100, 100]),
        .init(name: "Refused", kind: "refused", values: [0, 3]),
      ])
    let tops = chart.html.markup.replacingNoBreakSpaces.split(separator: "aria-hidden=\"true\">").dropFirst()
      .map { $0.prefix { $0 != "<" } }
    #expect(tops == ["5 k", "5 k", "5"])
  }
}

@Suite struct WebAppStateTests {
  typealias Measurements = AppState.Measurements

  @Test(
    "the state is the worst of what was measured",
    arguments: [
      (Measurements(measurementAge: 1000, lastLineAge: 100), .receiving),
      (Measurements(isActive: false, measurementAge: 1000, lastLineAge: 100, refusedPerSecond: 9), .disabled),
      (Measurements(measurementAge: 1000, lastLineAge: 100, refusedPerSecond: 0.1, lagMilliseconds: 90_000), .refusing),
      (Measurements(measurementAge: 1000, lastLineAge: nil), .waiting),
      (Measurements(measurementAge: 1000, lastLineAge: nil, refusedPerSecond: 1), .refusing),
      (Measurements(measurementAge: 1000, lastLineAge: 700_000), .silent),
      (Measurements(measurementAge: 1000, lastLineAge: 100, quarantinedPerSecond: 1), .quarantining),
      (Measurements(measurementAge: 1000, lastLineAge: 100, lagMilliseconds: 61_000), .lagging),
      (Measurements(measurementAge: nil, lastLineAge: 100), .unmeasured),
      (Measurements(measurementAge: 200_000, lastLineAge: 100, refusedPerSecond: 5), .unmeasured),
    ] as [(Measurements, AppState)])
  func state(measured: Measurements, state: AppState) {
    #expect(AppState(measured) == state)
  }

  @Test("trouble sorts before what is fine", arguments: AppState.allCases)
  func order(state: AppState) {
    if state.isTrouble { #expect(AppState.allCases.filter { !$0.isTrouble }.allSatisfy { state < $0 }) }
    #expect(state == .receiving || state < .receiving)
  }
}

@Suite struct WebFieldTests {
  @Test("what is wrong stands at the field, is tied to it, and what was typed is kept")
  func invalid() {
    let markup = Field(name: "size", label: "Size", value: "many", hint: "In digits.", error: "“many” is no number.")
      .html.markup
    #expect(markup.contains("value=\"many\""))
    #expect(markup.contains("aria-invalid=\"true\" aria-describedby=\"size-hint size-error\""))
    #expect(markup.contains("id=\"size-error\""))
  }

  @Test("a password is never sent back")
  func password() {
    #expect(!Field(name: "p", label: "P", value: "hunter2", type: "password").html.markup.contains("hunter2"))
  }

  @Test("the summary leads to each field, and is not there when nothing is wrong")
  func summary() {
    let errors: FormErrors = ["": "No.", "size": "Too big."]
    #expect(errors.summary.markup.contains("<li>No.</li><li><a href=\"#size\">Too big.</a></li>"))
    #expect(FormErrors().summary.isEmpty)
    #expect(errors["size"] == "Too big." && errors["name"] == nil)
  }
}
