import BaritoCore
import Curl
import FoundationEssentials
import HTTP
import Synchronization

@testable import BaritoFlow
@testable import Kafka

/// A record as a test writes it.
struct TestRecord {
  var topic = "shop_logs"
  var partition: Int32 = 0
  var offset: Int64 = 0
  var timestamp: Int64 = 1_700_000_000_123
  /// Nil is a tombstone.
  var value: String? = "{}"
  /// In place of `value` where that cannot say it.
  var bytes: [UInt8]?
  var headers: [(String, String)] = []
}

extension RecordBatch {
  /// Records whose values are no text, one after the other in one partition.
  static func of(bytes records: [(value: [UInt8], headers: [(String, String)])]) -> RecordBatch {
    of(records.enumerated().map { TestRecord(offset: Int64($0), bytes: $1.value, headers: $1.headers) })
  }

  static func of(_ records: [TestRecord]) -> RecordBatch {
    var batch = RecordBatch()
    for record in records {
      if !batch.topics.contains(record.topic) { batch.topics.append(record.topic) }
      let start = batch.bytes.count
      batch.bytes += record.bytes ?? Array((record.value ?? "").utf8)
      let value = start..<batch.bytes.count
      for (name, content) in record.headers {
        batch.appendLength(name.utf8.count)
        batch.appendLength(content.utf8.count)
        batch.bytes += Array((name + content).utf8)
      }
      batch.records.append(
        Record(
          topic: batch.topics.firstIndex(of: record.topic) ?? 0, partition: record.partition, offset: record.offset,
          timestamp: record.timestamp, timestampKind: .created, isTombstone: record.value == nil, hasKey: false,
          value: value, key: start..<start, headers: value.upperBound..<batch.bytes.count))
      batch.nextOffsets[TopicPartition(record.topic, record.partition)] = record.offset + 1
    }
    return batch
  }
}

extension RecordBatch {
  /// Puts other bytes of the same length in the place of a text.
  mutating func overwrite(_ text: String, with other: [UInt8]) {
    guard let place = bytes.firstRange(of: text.utf8) else { return }
    bytes.replaceSubrange(place, with: other)
  }
}

extension BulkRequest {
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Index and id of each item.
  var addresses: [(index: String, id: String)] {
    ModelElasticsearch.parse(bytes).map { ($0.index, $0.id) }
  }
}

/// Elasticsearch as far as `_bulk` with `create` goes: an id is created once, what holds `poison` is refused for good, and
/// over what holds `crash` it fails.
struct ModelElasticsearch: Sendable {
  /// What happens to one request beyond that.
  enum Fault: Sendable, CaseIterable {
    /// Refused as a whole, nothing is done.
    case unavailable, busy, forbidden, tooLarge, bad
    /// Done, but the answer is lost, cut or nonsense.
    case lost, cut, short, garbage, reordered
    /// Some items are refused for a reason that passes.
    case someBusy, someBlocked
  }

  struct Line: Sendable {
    var index: String
    var id: String
    var source: String
  }

  private struct Action: Decodable {
    struct Create: Decodable {
      var _index: String
      var _id: String
    }
    var create: Create
  }

  private(set) var documents: [String: [String: String]] = [:]
  /// Indices whose names begin so are read-only.
  var readOnly: Set<String> = []

  static func parse(_ body: [UInt8]) -> [Line] {
    let lines = body.split(separator: 0x0A, omittingEmptySubsequences: false)
    return stride(from: 0, to: lines.count - 1, by: 2).map { at in
      guard let action = try? JSONDecoder().decode(Action.self, from: Data(lines[at])) else {
        return Line(index: "?", id: "?", source: "?")
      }
      return Line(
        index: action.create._index, id: action.create._id, source: String(decoding: lines[at + 1], as: UTF8.self))
    }
  }

  /// - Returns: the status and the body; a nil body is a connection that breaks.
  mutating func bulk(_ body: [UInt8], _ fault: Fault?) -> (status: Int, body: String?) {
    switch fault {
    case .unavailable: return (503, "down")
    case .busy: return (429, #"{"error":{"type":"es_rejected_execution_exception"},"status":429}"#)
    case .forbidden: return (403, "no")
    case .tooLarge: return (413, "")
    case .bad: return (400, #"{"error":{"type":"illegal_argument_exception"}}"#)
    default: break
    }
    var items: [String] = []
    for (place, line) in ModelElasticsearch.parse(body).enumerated() {
      if place % 3 == 1, fault == .someBusy {
        items.append(
          #"{"create":{"_id":"\#(line.id)","status":429,"error":{"type":"es_rejected_execution_exception","reason":"full"}}}"#
        )
      } else if place % 2 == 1 && fault == .someBlocked || readOnly.contains(where: { line.index.hasPrefix($0) }) {
        items.append(
          #"{"create":{"_id":"\#(line.id)","status":403,"error":{"type":"cluster_block_exception","reason":"read-only"}}}"#
        )
      } else {
        items.append(create(line))
      }
    }
    let answer = #"{"errors":true,"items":[\#(items.joined(separator: ","))]}"#
    switch fault {
    case .lost: return (504, "")
    case .cut: return (200, nil)
    case .short: return (200, #"{"items":[\#(items.dropLast().joined(separator: ","))]}"#)
    case .garbage: return (200, String(answer.dropLast(3)))
    case .reordered: return (200, #"{"errors":true,"items":[\#(items.reversed().joined(separator: ","))]}"#)
    default: return (200, answer)
    }
  }

  private mutating func create(_ line: Line) -> String {
    if line.source.contains("crash"), !line.index.hasPrefix("barito-quarantine-") {
      return
        #"{"create":{"_id":"\#(line.id)","status":500,"error":{"type":"null_pointer_exception","reason":"oops"}}}"#
    }
    if line.source.contains("poison"), !line.index.hasPrefix("barito-quarantine-") {
      return
        #"{"create":{"_id":"\#(line.id)","status":400,"error":{"type":"document_parsing_exception","reason":"[1:2] failed","caused_by":{"reason":"poison '7'"}}}}"#
    }
    if documents[line.index]?[line.id] != nil {
      return
        #"{"create":{"_id":"\#(line.id)","status":409,"error":{"type":"version_conflict_engine_exception","reason":"exists"}}}"#
    }
    documents[line.index, default: [:]][line.id] = line.source
    return #"{"create":{"_id":"\#(line.id)","status":201}}"#
  }

  /// Documents of indices that hold apps' lines.
  var indexed: [String] { documents.filter { !$0.key.hasPrefix("barito-quarantine-") }.values.flatMap { $0.values } }

  var quarantined: [Entry] {
    get throws {
      try documents.filter { $0.key.hasPrefix("barito-quarantine-") }.values.flatMap { $0.values }.map {
        try JSONDecoder().decode(Entry.self, from: Data($0.utf8))
      }
    }
  }

  /// An entry of the quarantine, as a person reads it.
  struct Entry: Decodable {
    var reason: String
    var type: String
    var fingerprint: String
    var topic: String
    var partition: Int32
    var offset: Int64
    var index: String
    var id: String
    var raw: String?
    var rawBase64: String?
    var rawBytes: Int?
    var field: String?
    var headers: [String: String]?
    /// What was kept of the line, however it is written.
    var bytes: String? {
      raw ?? rawBase64.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    enum CodingKeys: String, CodingKey {
      case reason, type, fingerprint, topic, partition, offset, index, id, raw, field, headers
      case rawBase64 = "raw_base64"
      case rawBytes = "raw_bytes"
    }
  }
}

/// The model behind a socket.
final class StubElasticsearch: Sendable {
  private struct State {
    var model = ModelElasticsearch()
    var requests = 0
    var watching: String?
    var watched: Int?
    var fault: @Sendable (_ request: Int) -> ModelElasticsearch.Fault?
    var count: Int { model.documents.values.reduce(0) { $0 + $1.count } }
  }

  private struct Broken: Error {}

  private let server: HTTPServer
  private let state: SharedState
  let url: String

  private final class SharedState: Sendable {
    let held: Mutex<State>
    init(_ state: State) { held = Mutex(state) }
  }

  /// - Parameter fault: for each request, from 0.
  init(_ fault: @escaping @Sendable (_ request: Int) -> ModelElasticsearch.Fault? = { _ in nil }) throws {
    let state = SharedState(State(fault: fault))
    var routes = Routes()
    routes.post("/_bulk", limit: 64 << 20) { _, body in
      let (status, text) = state.held.withLock { state in
        defer { state.requests += 1 }
        let answer = state.model.bulk(body, state.fault(state.requests))
        if let prefix = state.watching, state.model.documents.keys.contains(where: { $0.hasPrefix(prefix) }) {
          (state.watching, state.watched) = (nil, state.count)
        }
        return answer
      }
      guard let text else { return HTTPResponse(body: .stream { _ in throw Broken() }) }
      return .json(Array(text.utf8), status: status)
    }
    self.state = state
    server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: routes)
    url = "http://127.0.0.1:\(try server.start())"
  }

  var model: ModelElasticsearch { state.held.withLock { $0.model } }
  var requests: Int { state.held.withLock { $0.requests } }
  /// Documents, the quarantine's too.
  var count: Int { state.held.withLock { $0.count } }
  /// Notes how many documents there are when the first one of such an index has come.
  func watch(index prefix: String) { state.held.withLock { $0.watching = prefix } }
  var watched: Int? { state.held.withLock { $0.watched } }
  func fault(_ fault: @escaping @Sendable (_ request: Int) -> ModelElasticsearch.Fault?) {
    state.held.withLock { $0.fault = fault }
  }
  func readOnly(_ prefixes: Set<String>) { state.held.withLock { $0.model.readOnly = prefixes } }
  func stop() async { await server.stop() }
}

/// Random numbers that are the same in each run.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
