import Streams
import Synchronization
import TestKit

/// What a server's handlers were told, for tests to look at.
final class Record: Sendable {
  struct Seen: Sendable {
    var connections: [StreamConnection] = []
    /// Everything that was consumed, in order.
    var consumed: [UInt8] = []
    var calls = 0
    var ended = 0
    var rest: [UInt8] = []
    var drained = 0
    var reasons: [StreamCloseReason] = []
  }

  private let seen = Mutex(Seen())

  var now: Seen { seen.withLock { $0 } }
  func note(_ change: (inout Seen) -> Void) { seen.withLock { change(&$0) } }
  var consumed: String { String(decoding: now.consumed, as: UTF8.self) }
}

/// Answers each line, but for what its commands say otherwise.
final class LineHandler: StreamHandler {
  enum Pauses { case never, untilTold, briefly }
  enum Drains { case atOnce, withAnswer, never }
  struct Style {
    var pauses = Pauses.never
    var drains = Drains.atOnce
  }

  let connection: StreamConnection
  var style: Style
  private let record: Record
  /// Bytes of the unread that hold no line's end.
  private var scanned = 0

  init(_ connection: StreamConnection, _ record: Record, _ style: Style) {
    self.connection = connection
    self.record = record
    self.style = style
  }

  func opened() { record.note { $0.connections.append(connection) } }

  func received(_ bytes: Span<UInt8>) -> Int {
    record.note { $0.calls += 1 }
    var start = 0
    for index in min(scanned, bytes.count)..<bytes.count where bytes[index] == UInt8(ascii: "\n") {
      var line: [UInt8] = []
      for byte in start...index { line.append(bytes[byte]) }
      start = index + 1
      record.note { $0.consumed += line }
      obey(line)
      guard style.pauses != .never else { continue }
      connection.pauseReading()
      if style.pauses == .briefly {
        connection.after(.milliseconds(1), as: LineHandler.self) { $0.connection.resumeReading() }
      }
      scanned = 0
      return start
    }
    scanned = bytes.count - start
    return start
  }

  private func obey(_ line: [UInt8]) {
    switch String(decoding: line.dropLast(), as: UTF8.self) {
    case "later":
      connection.after(.milliseconds(20), as: LineHandler.self) { $0.connection.send(Array("late\n".utf8)) }
    case let text where text.hasPrefix("pending"): break
    case "flood": for _ in 0..<4096 { connection.send([UInt8](repeating: UInt8(ascii: "x"), count: 4096)) }
    case "wait ten": connection.expect(10)
    case "quit": connection.close(afterSending: true)
    case "cut": connection.close(afterSending: false)
    default: connection.send(line)
    }
  }

  func ended(_ rest: Span<UInt8>) {
    record.note { seen in
      seen.ended += 1
      for index in rest.indices { seen.rest.append(rest[index]) }
    }
    connection.after(.milliseconds(20), as: LineHandler.self) { handler in
      handler.connection.send(Array("bye\n".utf8))
      handler.connection.close(afterSending: true)
    }
  }

  func drain() {
    record.note { $0.drained += 1 }
    switch style.drains {
    case .atOnce: connection.close(afterSending: true)
    case .never: break
    case .withAnswer:
      connection.after(.milliseconds(50), as: LineHandler.self) { handler in
        handler.connection.send(Array("done\n".utf8))
        handler.connection.close(afterSending: true)
      }
    }
  }

  func closed(_ reason: StreamCloseReason) { record.note { $0.reasons.append(reason) } }
}

/// Runs a server on a port of its own for the length of `body`.
func withServer(
  _ style: LineHandler.Style = LineHandler.Style(),
  with change: (inout StreamServerConfiguration) -> Void = { _ in },
  run body: (_ port: Int, _ server: StreamServer, _ record: Record) async throws -> Void
) async throws {
  var configuration = StreamServerConfiguration(address: "127.0.0.1:0")
  change(&configuration)
  let record = Record()
  let server = StreamServer(configuration) { LineHandler($0, record, style) }
  let port = try server.start()
  do {
    try await body(port, server, record)
  } catch {
    await server.stop()
    throw error
  }
  await server.stop()
}

extension RawSocket {
  /// Reads that many bytes; fewer when the stream ends before.
  func read(exactly count: Int) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let more = try await read(upTo: min(65536, count - bytes.count))
      if more.isEmpty { break }
      bytes += more
    }
    return bytes
  }
}
