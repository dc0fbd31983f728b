import Metrics
import Testing

@Suite("MetricsRegistry")
struct MetricsRegistryTests {
  let registry = MetricsRegistry()

  func text() -> String { String(decoding: registry.render(), as: UTF8.self) }

  @Test("the text has help and type before the values, sorted by name")
  func exposition() {
    let gauge = registry.gauge("app_queue_bytes", "What waits,\nwith a \\ in it.")
    let counter = registry.counter("app_lines_total", "Lines seen.")
    counter.increment()
    counter.increment(by: 41)
    gauge.set(1.5)
    #expect(
      text() == """
        # HELP app_lines_total Lines seen.
        # TYPE app_lines_total counter
        app_lines_total 42
        # HELP app_queue_bytes What waits,\\nwith a \\\\ in it.
        # TYPE app_queue_bytes gauge
        app_queue_bytes 1.5

        """)
  }

  @Test("a histogram counts cumulatively, bounds included")
  func histogram() {
    let histogram = registry.histogram("app_wait_seconds", "Waits.", buckets: .init([0.1, 1]))
    histogram.observe(0.1)
    histogram.observe(.milliseconds(500))
    histogram.observe(7)
    #expect(histogram.count == 3)
    #expect(
      text() == """
        # HELP app_wait_seconds Waits.
        # TYPE app_wait_seconds histogram
        app_wait_seconds_bucket{le="0.1"} 1
        app_wait_seconds_bucket{le="1"} 2
        app_wait_seconds_bucket{le="+Inf"} 3
        app_wait_seconds_sum 7.6
        app_wait_seconds_count 3

        """)
  }

  @Test("label values are escaped, also those of a histogram")
  func labels() {
    registry.counters("app_errors_total", "Errors.", labels: ["stage", "code"])["in", "a\"b\\c\nd"].increment()
    registry.histograms("app_size_bytes", "Sizes.", buckets: .init([1]), labels: ["kind"])["x"].observe(1)
    #expect(text().contains("app_errors_total{stage=\"in\",code=\"a\\\"b\\\\c\\nd\"} 1\n"))
    #expect(text().contains("app_size_bytes_bucket{kind=\"x\",le=\"1\"} 1\n"))
    #expect(text().contains("app_size_bytes_sum{kind=\"x\"} 1\n"))
  }

  @Test("label sets beyond the bound are counted together as other, and nothing is lost")
  func bounded() {
    let family = registry.counters("app_errors_total", "Errors.", labels: ["stage", "code"], maximum: 3)
    for number in 0..<10 { family["in", "\(number)"].increment() }
    family["in", "0"].increment()
    #expect(family.all.count == 4)
    #expect(family["other", "other"].value == 7)
    #expect(family["in", "0"].value == 2)
    #expect(family.all.values.map(\.value).reduce(0, +) == 11)
  }

  @Test("removing a label set makes room for another")
  func removal() {
    let family = registry.gauges("app_lag_records", "Lag.", labels: ["topic"], maximum: 1)
    family["a"].set(1)
    family.remove("a")
    family["b"].set(2)
    #expect(Array(family.all.keys) == [["b"]])
    #expect(!text().contains("topic=\"a\""))
  }

  @Test("a family gives the same metric for the same labels")
  func identity() {
    let family = registry.counters("app_errors_total", "Errors.", labels: ["code"])
    #expect(family["a"] === family["a"])
    #expect(family["a"] !== family["b"])
  }

  @Test("callbacks are asked at scrape time, and may leave a value out")
  func callbacks() {
    let source = registry.gauge("app_source_ratio", "Source.")
    registry.gauge("app_copy_ratio", "Copy.") { source.value }
    registry.gauge("app_absent_ratio", "Absent.") { nil }
    registry.counter("app_read_bytes_total", "Read.") { 3 }
    registry.gauges("app_lag_records", "Lag.", labels: ["topic"]) { [(["a"], 1), (["b"], .infinity), (["c"], .nan)] }
    source.set(0.25)
    #expect(text().contains("\napp_copy_ratio 0.25\n"))
    #expect(text().contains("# TYPE app_absent_ratio gauge\n#"))
    #expect(text().contains("\napp_read_bytes_total 3\n"))
    #expect(text().contains("app_lag_records{topic=\"a\"} 1\n"))
    #expect(text().contains("app_lag_records{topic=\"b\"} +Inf\n"))
    #expect(text().contains("app_lag_records{topic=\"c\"} NaN\n"))
  }

  @Test("a callback may make metrics of the same registry")
  func reentrant() {
    let family = registry.counters("app_scrapes_total", "Scrapes.", labels: ["kind"])
    registry.gauge("app_names_count", "Names.") { [registry] in
      family["x"].increment()
      return Double(registry.names.count)
    }
    #expect(text().contains("app_names_count 2\n"))
  }

  @Test("increments from many tasks all count")
  func concurrent() async {
    let counter = registry.counter("app_lines_total", "Lines.")
    let gauge = registry.gauge("app_open_connections", "Open.")
    let histogram = registry.histogram("app_wait_seconds", "Waits.", buckets: .seconds)
    await withDiscardingTaskGroup { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<1000 {
            counter.increment()
            gauge.add(2)
            gauge.decrement()
            histogram.observe(1)
          }
        }
      }
    }
    #expect(counter.value == 8000)
    #expect(gauge.value == 8000)
    #expect(histogram.count == 8000)
    #expect(histogram.sum == 8000)
  }

  @Test("names lists what is registered")
  func names() {
    _ = registry.counter("b_total", "B.")
    _ = registry.gauge("a_bytes", "A.")
    #expect(registry.names.map(\.name) == ["a_bytes", "b_total"])
    #expect(registry.names.map(\.kind) == [.gauge, .counter])
  }

  @Test(
    "good names pass",
    arguments: [
      ("barito_flow_sent_bytes_total", MetricKind.counter), ("process_open_fds", .gauge), ("a_seconds", .histogram),
      ("errors_total", .counter),
    ])
  func goodName(name: String, kind: MetricKind) {
    #expect(MetricName.fault(name, kind) == nil)
  }

  @Test(
    "names without a unit, with a wrong one or in the wrong letters are refused",
    arguments: [
      ("barito_sent_bytes", MetricKind.counter), ("barito_sent_total", .gauge), ("wait_ms", .gauge),
      ("wait_milliseconds_total", .counter), ("Wait_seconds", .gauge), ("wait__seconds", .gauge), ("_seconds", .gauge),
      ("seconds", .histogram), ("barito_wait", .histogram), ("wait-seconds", .gauge), ("used_percent", .gauge),
    ])
  func badName(name: String, kind: MetricKind) {
    #expect(MetricName.fault(name, kind) != nil)
  }

  @Test("a name taken twice ends the program")
  func twice() async {
    await #expect(processExitsWith: .failure) {
      let registry = MetricsRegistry()
      _ = registry.counter("a_total", "A.")
      _ = registry.counter("a_total", "A.")
    }
  }
}
