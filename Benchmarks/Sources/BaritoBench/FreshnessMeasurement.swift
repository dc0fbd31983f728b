/// How old an app's lines are when Elasticsearch has answered for them: they are sent at a fixed rate, to topics that a
/// Flow reads, maybe beside others.
struct FreshnessMeasurement {
  let stage: Stage
  let receiver: Receiver
  /// Lines of the app per second.
  let rate: Int
  /// Lines that are written earlier than so long after the first answer do not count.
  let settle: Duration
  /// How long they are sent then.
  let seconds: Double

  /// - Parameters:
  ///   - app: whose topic is made here.
  ///   - shape: what else is to be read by the same Flow; the names of the app's topics begin as its do.
  func run(_ app: DeliveryShape, beside shape: DeliveryShape? = nil) throws -> Freshness {
    // These first lines show when the Flow has begun to read.
    try stage.fill(app)
    let lines = max(app.lines, Int((seconds + settle / .seconds(1)) * Double(rate)))
    let (sink, port) = try receiver.start(
      stage.children, expecting: app.lines + lines,
      ["--watch", app.indexPrefix, "--settle", milliseconds(settle / .seconds(1))])
    defer { sink.stop() }
    let flow = try stage.startFlow(
      topicPrefix: (shape ?? app).topicPrefix, apps: app.apps + (shape?.apps ?? []), into: port)
    defer { flow.stop() }
    _ = try sink.report(within: .seconds(60))
    let producer = try stage.children.start(
      BareCommands.producer,
      BareCommands.arguments(stage, app.topicNames) + ["--count", "\(lines)", "--rate", "\(rate)"])
    // All that Flow cannot keep up with comes later.
    let report = try sink.report(within: .seconds(seconds * 2 + 120))
    try producer.finish()
    try flow.checkAlive()
    var freshness = try Freshness(report)
    freshness.peak = try ProcessUsage.memory(of: flow.pid).peak
    return freshness
  }
}
