import BaritoCore
import BaritoService
import Logging
import Streams

/// What the connections of one listener share: the way to Kafka, the bounds, and what is counted and said.
struct StreamIngest: Sendable {
  let pipeline: IngestPipeline
  let source: RouterMetrics.Source
  let metrics: StreamMetrics.Listener
  let held: HeldBytes
  let limits: Limits
  private let complaints = Complaints()
  private let logger: Logger
  private let name: String
  private let explain: @Sendable (Refusal) -> Refusal

  struct Limits: Sendable {
    /// Bytes of batches that are not safe yet, of all connections; over it they are not read from.
    var bytes: Int
    /// The same of one connection. One batch may always go.
    var connectionBytes = 8 << 20
    /// Batches of one connection on their way at once.
    var batches = 64
    /// How long a batch is tried again when its sender keeps it until it is acknowledged: then another Router, or this
    /// one, gets it anew. Below the 190 s that fluentd waits.
    var patience: Duration = .seconds(120)
    /// The same when the sender keeps nothing, so that giving up loses it.
    var lastPatience: Duration = .seconds(900)

    init(bytes: Int) { self.bytes = bytes }
  }

  /// - Parameters:
  ///   - name: labels metrics: the protocol.
  ///   - explain: puts a refusal into the protocol's words, where the pipeline speaks of headers.
  init(
    _ name: String, pipeline: IngestPipeline, metrics: StreamMetrics, limits: Limits, logger: Logger,
    explain: @escaping @Sendable (Refusal) -> Refusal = { $0 }
  ) {
    self.name = name
    self.explain = explain
    self.pipeline = pipeline
    self.metrics = metrics.listener(name)
    self.limits = limits
    self.logger = logger
    source = pipeline.metrics.source(name)
    held = HeldBytes(limit: limits.bytes)
  }

  /// Counts lines that were left out before there was a batch whose `refused` could say so, and logs it.
  func leftOut(_ lines: Int, _ refusal: Refusal, of app: AppID?, by connection: StreamConnection) {
    pipeline.refused(refusal, app, lines: lines)
    complain("left lines of a sender out", refusal, of: connection)
  }

  /// Logs what is wrong with a sender, once a minute for each address and code.
  func complain(
    _ what: String = "closed the connection of a sender", _ refusal: Refusal, of connection: StreamConnection
  ) {
    let now = pipeline.clock.monotonicNanoseconds
    guard let silenced = complaints.mustSay(refusal.code.rawValue, of: connection.peerHost, now: now) else { return }
    var metadata = [
      "stream.protocol": name, "stream.peer": connection.peer, "code": refusal.code.rawValue,
      "reason": explain(refusal).detail,
    ]
    if silenced > 0 { metadata["silenced"] = "\(silenced)" }
    logger.warning(what, metadata)
  }
}
