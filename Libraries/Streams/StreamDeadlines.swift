/// When a connection must be looked at, and whether it is then to be cut. Times are monotonic nanoseconds.
struct StreamDeadlines {
  /// How often a connection that is not read from is asked whether it still exists.
  static let probe: Int64 = 5_000_000_000
  /// How long one connection may read on while memory is short.
  static let turn: Int64 = 5_000_000_000

  let handshake: Int64
  let idle: Int64
  let output: Int64

  /// Whether the first byte has come.
  var hasBegun = false
  /// When bytes last came, or reading was resumed; before that, when the connection was accepted.
  var inputAt: Int64
  /// When bytes last went, or began to wait.
  var outputAt: Int64
  /// Whether the client can be blamed for silence.
  var isReading = true
  /// Whether bytes wait for the client.
  var isWriting = false
  /// When the turn to read beyond the limit began.
  var turnAt: Int64?

  init(_ configuration: StreamServerConfiguration, now: Int64) {
    handshake = configuration.handshakeTimeout.nanoseconds
    idle = configuration.idleTimeout.nanoseconds
    output = configuration.outputTimeout.nanoseconds
    inputAt = now
    outputAt = now
  }

  private var outputDeadline: Int64 { isWriting ? outputAt + output : .max }
  private var turnDeadline: Int64 { turnAt.map { $0 + StreamDeadlines.turn } ?? .max }
  private var handshakeDeadline: Int64 { isReading && !hasBegun ? inputAt + handshake : .max }
  private var idleDeadline: Int64 { isReading ? max(inputAt, outputAt) + idle : .max }

  /// When to look next.
  func next(after now: Int64) -> Int64 {
    let first = min(min(outputDeadline, turnDeadline), min(handshakeDeadline, idleDeadline))
    return isReading ? first : min(first, now + StreamDeadlines.probe)
  }

  /// Why the connection is to be cut; nil when it is not.
  func missed(at now: Int64) -> StreamCloseReason? {
    if outputDeadline <= now { return .outputTimeout }
    if turnDeadline <= now { return .inputShortage }
    if handshakeDeadline <= now { return .handshakeTimeout }
    return idleDeadline <= now ? .idle : nil
  }
}
