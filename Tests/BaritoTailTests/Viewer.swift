import BaritoCore
import Curl
import Synchronization
import TestKit

/// Reads one session of Tail, as a viewer does.
final class Viewer: Sendable {
  /// One NDJSON event.
  struct Event: Decodable {
    struct Gap: Decodable, Equatable {
      struct Offsets: Decodable, Equatable {
        var app: String
        var partition: Int
        var from: Int64
        var to: Int64
      }

      var reason: String
      var lines: Int64
      var offsets: [Offsets]
    }

    struct End: Decodable, Equatable {
      var reason: String
      var detail: String
    }

    struct Line: Decodable, Equatable {
      var n: Int?
      var message: String?
    }

    var cursor: String
    var app: String?
    var at: String?
    var id: String?
    var line: Line?
    var gap: Gap?
    var end: End?
    var heartbeat: String?
  }

  private struct State {
    var bytes: [UInt8] = []
    var outcome: Result<CurlResponse, CurlError>?
  }

  /// Outlives the viewer in the callback.
  private final class Received: Sendable {
    let state = Mutex(State())
  }

  private let received = Received()
  private let task: Task<Void, Never>

  init(_ url: String, token: String?, accept: String) {
    var request = CurlRequest("GET", url, headers: [("Accept", accept)], timeout: nil)
    if let token { request.authorize(bearer: token) }
    let (asked, received) = (request, received)
    task = Task {
      let outcome: Result<CurlResponse, CurlError>
      do throws(CurlError) {
        outcome = .success(
          try await CurlClient().stream(asked) { chunk in
            received.state.withLock { $0.bytes += chunk }
            return true
          })
      } catch {
        outcome = .failure(error)
      }
      received.state.withLock { $0.outcome = outcome }
    }
  }

  deinit { task.cancel() }

  func leave() async {
    task.cancel()
    await task.value
  }

  var byteCount: Int { received.state.withLock { $0.bytes.count } }
  var text: String { received.state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }

  /// Whole events so far.
  func events() throws -> [Event] {
    let bytes = received.state.withLock { $0.bytes }
    guard let end = bytes.lastIndex(of: 0x0A) else { return [] }
    return try bytes[..<end].split(separator: 0x0A).map { try WireJSON.decode(Event.self, from: Array($0)) }
  }

  /// Events that are lines.
  func lines() throws -> [Event] { try events().filter { $0.line != nil } }
  func numbers() throws -> [Int] { try lines().compactMap { $0.line?.n } }

  /// Waits for the first event, after which every new line is shown.
  func opened() async throws {
    try await eventually("the session is open") {
      if let response = try outcome(), !response.isSuccess {
        throw Refused(response: response)
      }
      return !text.isEmpty
    }
  }

  private func outcome() throws -> CurlResponse? { try received.state.withLock { try $0.outcome?.get() } }

  /// Waits for the end of the answer.
  @discardableResult
  func response() async throws -> CurlResponse {
    try await eventually("the session ends") { try outcome() != nil }
    return try received.state.withLock { state in
      guard let outcome = state.outcome else { throw Refused(response: nil) }
      return try outcome.get()
    }
  }

  /// The session was not opened.
  struct Refused: Error {
    var response: CurlResponse?
  }
}
