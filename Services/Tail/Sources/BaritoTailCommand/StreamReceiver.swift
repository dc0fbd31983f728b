import BaritoCore
import Synchronization

/// Takes the stream in as it arrives: chunks to lines, lines to events, events to text. Called on the client's thread;
/// to block in `write` is what slows the server down.
final class StreamReceiver: Sendable {
  private struct State {
    var rest: [UInt8] = []
    var cursor: String?
    var end: (reason: String, detail: String)?
    var events = 0
  }

  private let format: LineFormat
  private let write: @Sendable ([UInt8]) -> Void
  private let complain: @Sendable (String) -> Void
  private let state = Mutex(State())

  init(
    _ format: LineFormat, write: @escaping @Sendable ([UInt8]) -> Void, complain: @escaping @Sendable (String) -> Void
  ) {
    self.format = format
    self.write = write
    self.complain = complain
  }

  /// Where to go on.
  var cursor: String? { state.withLock { $0.cursor } }
  /// How the server ended the session; nil when it did not.
  var end: (reason: String, detail: String)? { state.withLock { $0.end } }
  /// How many events came, all connections together.
  var events: Int { state.withLock { $0.events } }

  /// A new connection begins: half a line of the one before is worth nothing, it comes again.
  func begin() {
    state.withLock { state in
      state.rest = []
      state.end = nil
    }
  }

  func receive(_ chunk: [UInt8]) {
    let (output, complaints, cursor) = state.withLock { state in
      state.rest += chunk
      return take(&state)
    }
    for complaint in complaints { complain(complaint) }
    if !output.isEmpty { write(output) }
    // Only what was written is done with.
    if let cursor { state.withLock { $0.cursor = cursor } }
  }

  private func take(_ state: inout State) -> (output: [UInt8], complaints: [String], cursor: String?) {
    var output: [UInt8] = []
    var complaints: [String] = []
    var cursor: String?
    var start = 0
    let bytes = state.rest
    while let feed = bytes[start...].firstIndex(of: 0x0A) {
      let line = bytes.span.extracting(start..<feed)
      start = feed + 1
      guard let event = TailEvent(line) else { continue }
      state.events += 1
      cursor = event.cursor ?? cursor
      switch event.kind {
      case .heartbeat: break
      case .line(let document): format.append(event, document: document, of: line, to: &output)
      case .gap(let reason, let lines): complaints.append(GapText.of(reason, lines))
      case .end(let reason, let detail): state.end = (reason, detail)
      }
    }
    state.rest = Array(bytes[start...])
    return (output, complaints, cursor)
  }
}

/// Gap markers in words. Pure.
enum GapText {
  static func of(_ reason: String, _ lines: Int64) -> String {
    let count = lines == 1 ? "1 line" : "\(lines) lines"
    switch reason {
    case "slow": return "\(count) skipped: this terminal was too slow; filter more, or use --rate"
    case "retention": return "\(count) skipped: they were deleted, their retention was over"
    case "recreated": return "the topic was made anew: how many lines were lost nobody can tell"
    case "rate": return "\(count) skipped: over --rate"
    default: return "\(count) skipped: \(SafeText.of(reason))"
    }
  }
}
