import BaritoCore
import Curl
import HTTP
import Logging
import Metrics
import Synchronization
import Testing

@testable import BaritoFlow

/// What comes between a refusal and a mended document: answers that fail, or say something else.
@Suite struct MappingFirewallTests {
  private static let created = #"{"status":201}"#
  private static let refused =
    #"{"status":400,"error":{"type":"document_parsing_exception","reason":"failed to parse field [n] of type [long] in document"}}"#
  private static let busy = #"{"status":429,"error":{"type":"es_rejected_execution_exception","reason":"full"}}"#

  private func firewall(
    _ server: ScriptedElasticsearch, _ registry: MetricsRegistry = MetricsRegistry(),
    now: @escaping @Sendable () -> UInt64 = { 0 }
  ) -> MappingFirewall {
    MappingFirewall(
      elasticsearch: ElasticsearchClient(url: server.url, authorization: nil, clients: 1, timeout: .seconds(300)),
      naming: TopicNaming(), metrics: MappingMetrics(registry), logger: .silent, now: now)
  }

  private func request(_ documents: [String], index: String = "shop-2026.11.30") -> BulkRequest {
    var request = BulkRequest()
    for (place, document) in documents.enumerated() {
      request.create(
        record: place, index: Array(index.utf8), id: Array("id\(place)".utf8), document: Array(document.utf8).span)
    }
    return request
  }

  private func verdicts(_ answer: BulkAnswer) throws -> [BulkOutcome.Verdict] {
    guard case .settled(let outcome, let response) = answer else { return [] }
    try #require(outcome == BulkOutcome(response))
    return outcome.verdicts
  }

  @Test("documents that are taken cost one request and nothing else")
  func taken() async throws {
    let server = try ScriptedElasticsearch { _, lines in (200, lines.map { _ in Self.created }) }
    let answer = try await firewall(server).bulk(request((0..<50).map { #"{"n":{"x":\#($0)}}"# }))
    #expect(try verdicts(answer) == Array(repeating: .indexed, count: 50))
    #expect(server.requests.count == 1 && server.mappingsAsked == 0)
    await server.stop()
  }

  @Test("only what is refused is sent once more, mended, under its own id and index, and counted by its topic")
  func mended() async throws {
    let server = try ScriptedElasticsearch { _, lines in
      (200, lines.map { $0.source.hasPrefix(#"{"n":{"#) ? Self.refused : Self.created })
    }
    let registry = MetricsRegistry()
    let answer = try await firewall(server, registry).bulk(
      request([#"{"ok":1}"#, #"{"n":{"x":1}}"#, #"{"ok":2}"#, #"{"n":{"x":2}}"#]))
    #expect(try verdicts(answer) == [.indexed, .indexed, .indexed, .indexed])
    #expect(server.requests.count == 2 && server.mappingsAsked == 1)
    #expect(server.requests[1].map(\.id) == ["id1", "id3"])
    #expect(server.requests[1].allSatisfy { $0.index == "shop-2026.11.30" })
    #expect(
      server.requests[1].map(\.source) == [
        #"{"barito_unmapped":{"n":{"x":1}}}"#, #"{"barito_unmapped":{"n":{"x":2}}}"#,
      ])
    let text = String(decoding: registry.render(), as: UTF8.self)
    #expect(text.contains(#"barito_flow_diverted_documents_total{topic="shop_logs"} 2"#))
    await server.stop()
  }

  @Test("what is refused although it was mended is tried again where a neighbour has made a field meanwhile")
  func staleMapping() async throws {
    // Mended, it conflicts with a field that the mapping of before did not have.
    let other = Self.refused.replacing("[n]", with: "[m]")
    let server = try ScriptedElasticsearch { number, lines in
      (200, lines.map { _ in number.isMultiple(of: 2) ? other : Self.refused })
    }
    let time = Mutex<UInt64>(0)
    let firewall = firewall(server, now: { time.withLock { $0 } })
    let document = request([#"{"n":{"x":1},"m":2}"#])
    #expect(try verdicts(await firewall.bulk(document)) == [.refused], "the mapping was just read")
    #expect(try verdicts(await firewall.bulk(document)) == [.retry], "it is that of before")
    time.withLock { $0 = KnownMappings.lifetime }
    #expect(try verdicts(await firewall.bulk(document)) == [.refused])
    #expect(server.mappingsAsked == 2)
    await server.stop()
  }

  @Test("what is refused then too keeps its first reason, and what passes is tried again")
  func refusedAgain() async throws {
    let other = #"{"status":400,"error":{"type":"mapper_parsing_exception","reason":"something else"}}"#
    let server = try ScriptedElasticsearch { number, lines in
      (200, number == 1 ? lines.map { _ in Self.refused } : [other, Self.busy, #"{"status":409}"#])
    }
    let answer = try await firewall(server).bulk(request([#"{"n":{}}"#, #"{"n":[{}]}"#, #"{"n":{"x":2}}"#]))
    #expect(try verdicts(answer) == [.refused, .retry, .duplicate])
    guard case .settled(_, let response) = answer else { return }
    #expect(response.items[0].reason.contains("failed to parse field [n]"))
    await server.stop()
  }

  @Test(
    "where nobody answers to the mended documents they are sent again, and not given up", arguments: [500, 503, 429])
  func unanswered(status: Int) async throws {
    let server = try ScriptedElasticsearch { number, lines in
      number == 1 ? (200, [Self.created, Self.refused]) : (status, [])
    }
    let answer = try await firewall(server).bulk(request([#"{"ok":1}"#, #"{"n":{}}"#]))
    #expect(try verdicts(answer) == [.indexed, .retry])
    await server.stop()
  }

  @Test("a mapping that may not be asked leaves things as they are; one that cannot be asked now is asked later")
  func withoutMapping() async throws {
    for (status, verdict) in [(403, BulkOutcome.Verdict.refused), (404, .refused), (503, .retry), (429, .retry)] {
      let server = try ScriptedElasticsearch(mapping: status) { _, lines in (200, lines.map { _ in Self.refused }) }
      #expect(try verdicts(try await firewall(server).bulk(request([#"{"n":{}}"#]))) == [verdict], "\(status)")
      #expect(server.requests.count == 1)
      await server.stop()
    }
  }

  @Test("a mapping that can never be asked holds nobody for ever")
  func neverAnswered() async throws {
    let server = try ScriptedElasticsearch(mapping: 502) { _, lines in (200, lines.map { _ in Self.refused }) }
    let firewall = firewall(server)
    var seen: [BulkOutcome.Verdict] = []
    for _ in 0..<8 { seen += try verdicts(try await firewall.bulk(request([#"{"n":{}}"#]))) }
    #expect(seen == Array(repeating: .retry, count: 5) + Array(repeating: .refused, count: 3))
    await server.stop()
  }

  @Test("the quarantine's own refusals, and those that have nothing to do with a mapping, are left alone")
  func leftAlone() async throws {
    let server = try ScriptedElasticsearch { _, lines in (200, lines.map { _ in Self.refused }) }
    let quarantine = request([#"{"n":{}}"#], index: "barito-quarantine-shop-2026.11.30")
    #expect(try verdicts(try await firewall(server).bulk(quarantine)) == [.refused])
    #expect(server.requests.count == 1 && server.mappingsAsked == 0)
    await server.stop()
    let full = try ScriptedElasticsearch { _, lines in
      (200, lines.map { _ in #"{"status":400,"error":{"type":"validation_exception","reason":"too many shards"}}"# })
    }
    #expect(try verdicts(try await firewall(full).bulk(request([#"{"n":{}}"#]))) == [.park])
    #expect(full.requests.count == 1)
    await full.stop()
  }

  @Test("a mapping is asked once, however many requests need it in a second")
  func askedOnce() async throws {
    let server = try ScriptedElasticsearch { _, lines in
      (200, lines.map { $0.source.hasPrefix(#"{"n":{"#) ? Self.refused : Self.created })
    }
    let firewall = firewall(server)
    for _ in 0..<5 { _ = try await firewall.bulk(request([#"{"n":{}}"#])) }
    #expect(server.requests.count == 10 && server.mappingsAsked == 1)
    await server.stop()
  }
}

/// Answers each bulk request with what a test says of its items, and any index's mapping.
final class ScriptedElasticsearch: Sendable {
  typealias Answer = @Sendable (_ request: Int, _ lines: [ModelElasticsearch.Line]) -> (status: Int, items: [String])

  private struct Seen {
    var requests: [[ModelElasticsearch.Line]] = []
    var mappingsAsked = 0
  }

  private final class State: Sendable {
    let seen = Mutex(Seen())
  }

  private let server: HTTPServer
  private let state: State
  let url: String

  /// - Parameter status: of the answer with the mapping.
  init(mapping status: Int = 200, _ answer: @escaping Answer) throws {
    let state = State()
    self.state = state
    var routes = Routes()
    routes.post("/_bulk", limit: 64 << 20) { _, body in
      let lines = ModelElasticsearch.parse(body)
      let number = state.seen.withLock { seen in
        seen.requests.append(lines)
        return seen.requests.count
      }
      let (status, items) = answer(number, lines)
      let text =
        #"{"errors":true,"items":[\#(zip(lines, items).map { #"{"create":{"_id":"\#($0.id)",\#($1.dropFirst())}"# }.joined(separator: ","))]}"#
      return .json(Array(text.utf8), status: status)
    }
    routes.get("/{index}/_mapping") { _ in
      state.seen.withLock { $0.mappingsAsked += 1 }
      let text = #"{"i":{"mappings":{"properties":{"n":{"type":"long"},"barito_unmapped":{"type":"flattened"}}}}}"#
      return .json(Array(text.utf8), status: status)
    }
    server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: routes)
    url = "http://127.0.0.1:\(try server.start())"
  }

  var requests: [[ModelElasticsearch.Line]] { state.seen.withLock { $0.requests } }
  var mappingsAsked: Int { state.seen.withLock { $0.mappingsAsked } }
  func stop() async { await server.stop() }
}
