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
    let answer = await firewall(server).bulk(request((0..<50).map { #"{"n":{"x":\#($0)}}"# }))
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
    let answer = await firewall(server, registry).bulk(
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

  @Test("of two lines that disagree about a new field, the second is mended by what the first has made of it")
  func neighbours() async throws {
    let other = Self.refused.replacing("[n]", with: "[m]")
    let server = try ScriptedElasticsearch { number, lines in
      switch number {
      case 1: (200, lines.map { _ in Self.refused })
      case 2: (200, [Self.created, other])
      default: (200, lines.map { _ in Self.created })
      }
    }
    let lines = request([#"{"n":{"x":1},"m":1}"#, #"{"n":{"x":2},"m":{"y":2}}"#])
    #expect(try verdicts(await firewall(server).bulk(lines)) == [.indexed, .indexed])
    #expect(server.requests.count == 3 && server.mappingsAsked == 2, "the mapping has grown")
    #expect(server.requests[2].map(\.source) == [#"{"barito_unmapped":{"n":{"x":2},"m":{"y":2}}}"#])
    await server.stop()
  }

  @Test("a line with several values that do not fit is mended value by value, but not without end")
  func manyFields() async throws {
    let server = try ScriptedElasticsearch { number, lines in
      (200, lines.map { _ in Self.refused.replacing("[n]", with: "[f\(number)]") })
    }
    let fields = (1...20).map { #""f\#($0)":"no""# }.joined(separator: ",")
    #expect(try verdicts(await firewall(server).bulk(request(["{\(fields)}"]))) == [.refused])
    #expect(server.requests.count == 9)
    #expect(server.requests[2][0].source.hasSuffix(#","barito_unmapped":{"f1":"no","f2":"no"}}"#))
    await server.stop()
  }

  @Test("what is refused then too keeps its first reason, and what passes is tried again")
  func refusedAgain() async throws {
    let other = #"{"status":400,"error":{"type":"mapper_parsing_exception","reason":"something else"}}"#
    let server = try ScriptedElasticsearch { number, lines in
      (200, number == 1 ? lines.map { _ in Self.refused } : [other, Self.busy, #"{"status":409}"#])
    }
    let answer = await firewall(server).bulk(request([#"{"n":{}}"#, #"{"n":[{}]}"#, #"{"n":{"x":2}}"#]))
    #expect(try verdicts(answer) == [.refused, .retry, .duplicate])
    guard case .settled(_, let response) = answer else { return }
    #expect(response.items[0].reason.contains("failed to parse field [n]"))
    await server.stop()
  }

  @Test(
    "where nobody answers to the mended documents they are sent again, and not given up",
    arguments: [(500, BulkOutcome.Verdict.park), (503, .retry), (429, .retry)])
  func unanswered(status: Int, verdict: BulkOutcome.Verdict) async throws {
    let server = try ScriptedElasticsearch { number, lines in
      number == 1 ? (200, [Self.created, Self.refused]) : (status, [])
    }
    let answer = await firewall(server).bulk(request([#"{"ok":1}"#, #"{"n":{}}"#]))
    #expect(try verdicts(answer) == [.indexed, verdict])
    await server.stop()
  }

  @Test(
    "a mended document that the server does not get over is found among the others, which are indexed",
    arguments: [(500, BulkOutcome.Verdict.park), (403, .park), (400, .refused), (413, .refused)], [0, 700, 999])
  func breaking(answer: (status: Int, verdict: BulkOutcome.Verdict), bad: Int) async throws {
    let time = Mutex<UInt64>(0)
    let server = try ScriptedElasticsearch { number, lines in
      if number == 1 { return (200, lines.map { _ in Self.refused }) }
      let isBroken = lines.contains { $0.id == "id\(bad)" }
      // As if each of them were waited for until our patience is over.
      if isBroken { time.withLock { $0 += 60_000_000_000 } }
      return isBroken ? (answer.status, []) : (200, lines.map { _ in Self.created })
    }
    let lines = request((0..<1000).map { #"{"n":{"x":\#($0)}}"# })
    let firewall = firewall(server, now: { time.withLock { $0 } })
    let seen = try verdicts(await firewall.bulk(lines))
    #expect(seen[bad] == answer.verdict && !seen.contains(where: { ![.indexed, .retry, answer.verdict].contains($0) }))
    #expect(seen.filter { $0 == answer.verdict }.count == 1)
    await server.stop()
  }

  @Test("a gateway that lets nothing pass is not asked without end about mended documents")
  func nothingPasses() async throws {
    let server = try ScriptedElasticsearch { number, lines in
      number == 1 ? (200, lines.map { _ in Self.refused }) : (500, [])
    }
    let seen = try verdicts(await firewall(server).bulk(request((0..<1000).map { #"{"n":{"x":\#($0)}}"# })))
    #expect(Set(seen) == [.park, .retry] && server.requests.count < 50)
    await server.stop()
  }

  @Test("a line whose index is not there is tried again once it is made, and waits for it where it cannot be made")
  func withoutIndex() async throws {
    for (made, verdict) in [(200, BulkOutcome.Verdict.retry), (400, .park)] {
      let server = try ScriptedElasticsearch(mapping: 404, made: made) { _, lines in
        (200, lines.map { _ in Self.refused })
      }
      #expect(try verdicts(await firewall(server).bulk(request([#"{"n":{}}"#]))) == [verdict], "\(made)")
      await server.stop()
    }
  }

  @Test("a mapping that may not be known leaves things as they are; one that cannot be asked now is asked later")
  func withoutMapping() async throws {
    for (status, verdict) in [
      (405, BulkOutcome.Verdict.refused), (403, .retry), (401, .retry), (503, .retry), (429, .retry),
    ] {
      let server = try ScriptedElasticsearch(mapping: status) { _, lines in (200, lines.map { _ in Self.refused }) }
      #expect(try verdicts(await firewall(server).bulk(request([#"{"n":{}}"#]))) == [verdict], "\(status)")
      #expect(server.requests.count == 1)
      await server.stop()
    }
  }

  @Test("a mapping that can never be asked holds nobody for ever; one that cannot be asked for a moment is waited for")
  func neverAnswered() async throws {
    let server = try ScriptedElasticsearch(mapping: 403) { _, lines in (200, lines.map { _ in Self.refused }) }
    let time = Mutex<UInt64>(0)
    let firewall = firewall(server, now: { time.withLock { $0 } })
    func ask(_ index: String) async throws -> [BulkOutcome.Verdict] {
      try verdicts(await firewall.bulk(request([#"{"n":{}}"#], index: index)))
    }
    for _ in 0..<20 { #expect(try await ask("shop-2026.11.30") == [.retry]) }
    time.withLock { $0 = FailureSpell.length }
    #expect(try await ask("shop-2026.11.30") == [.refused])
    #expect(try await ask("shop-2026.11.30") == [.refused])
    #expect(try await ask("other-2026.11.30") == [.retry], "nobody asked about this one before")
    await server.stop()
  }

  @Test("where one mapping cannot be asked the others are not asked either, which would take as long each time")
  func oneQuestion() async throws {
    let server = try ScriptedElasticsearch(mapping: 503) { _, lines in (200, lines.map { _ in Self.refused }) }
    var lines = request([#"{"n":{}}"#], index: "a-2026.11.30")
    for index in ["b-2026.11.30", "c-2026.11.30"] {
      lines.create(record: 0, index: Array(index.utf8), id: [0x31], document: Array(#"{"n":{}}"#.utf8).span)
    }
    #expect(try verdicts(await firewall(server).bulk(lines)) == [.retry, .retry, .retry])
    #expect(server.mappingsAsked == 1)
    await server.stop()
  }

  @Test("the quarantine's own refusals, and those that have nothing to do with a mapping, are left alone")
  func leftAlone() async throws {
    let server = try ScriptedElasticsearch { _, lines in (200, lines.map { _ in Self.refused }) }
    let quarantine = request([#"{"n":{}}"#], index: "barito-quarantine-shop-2026.11.30")
    #expect(try verdicts(await firewall(server).bulk(quarantine)) == [.refused])
    #expect(server.requests.count == 1 && server.mappingsAsked == 0)
    await server.stop()
    let full = try ScriptedElasticsearch { _, lines in
      (200, lines.map { _ in #"{"status":400,"error":{"type":"validation_exception","reason":"too many shards"}}"# })
    }
    #expect(try verdicts(await firewall(full).bulk(request([#"{"n":{}}"#]))) == [.park])
    #expect(full.requests.count == 1 && full.mappingsAsked == 0)
    await full.stop()
  }

  @Test("a mapping is asked once, however many requests need it in a second")
  func askedOnce() async throws {
    let server = try ScriptedElasticsearch { _, lines in
      (200, lines.map { $0.source.hasPrefix(#"{"n":{"#) ? Self.refused : Self.created })
    }
    let firewall = firewall(server)
    for _ in 0..<5 { _ = await firewall.bulk(request([#"{"n":{}}"#])) }
    #expect(server.requests.count == 10 && server.mappingsAsked == 1)
    await server.stop()
  }
}

extension MappingFirewall {
  func bulk(_ request: BulkRequest) async -> BulkAnswer { await mend(await send(request), to: request) }
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

  /// - Parameters:
  ///   - status: of the answer with the mapping.
  ///   - made: of the answer to making an index.
  init(mapping status: Int = 200, made: Int = 200, _ answer: @escaping Answer) throws {
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
      if status == 404 { return .json(Array(#"{"error":{"type":"index_not_found_exception"}}"#.utf8), status: 404) }
      let text = #"{"i":{"mappings":{"properties":{"n":{"type":"long"},"barito_unmapped":{"type":"flattened"}}}}}"#
      return .json(Array(text.utf8), status: status)
    }
    routes.put("/{index}", limit: 1 << 20) { _, _ in .json(Array("{}".utf8), status: made) }
    server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: routes)
    url = "http://127.0.0.1:\(try server.start())"
  }

  var requests: [[ModelElasticsearch.Line]] { state.seen.withLock { $0.requests } }
  var mappingsAsked: Int { state.seen.withLock { $0.mappingsAsked } }
  func stop() async { await server.stop() }
}
