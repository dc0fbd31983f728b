import BaritoCore
import BaritoService
import Curl
import FoundationEssentials
import Kafka
import KafkaTesting
import Lifecycle
import Logging
import Metrics
import Redaction
import TestKit
import Testing

@testable import BaritoFlow

/// No document and no entry of the quarantine holds what an app's rules take out.
@Suite(.timeLimit(.minutes(2))) struct RedactionTests {
  private let rules = [
    RedactionRule(name: "CARD", .pattern(#"\b\d{16}\b"#), hintStart: 2, hintEnd: 2),
    RedactionRule(name: "MAIL", .pattern(#"[\w.]+@[\w.]+"#)),
  ]
  private let secret = "4111111111111111"

  private func sources(_ request: BulkRequest) -> [String] { ModelElasticsearch.parse(request.bytes).map(\.source) }

  @Test("documents are redacted by the rules of their own topic, and keep their places and ids")
  func documents() {
    let batch = RecordBatch.of([
      TestRecord(topic: "pay_logs", offset: 0, value: #"{"m":"4111111111111111 a@b.cc","n":1.0}"#),
      TestRecord(topic: "shop_logs", offset: 0, value: #"{"m":"4111111111111111"}"#),
      TestRecord(topic: "pay_logs", offset: 1, value: #"{"m":"nothing", "a":1,"a":2}"#),
    ])
    let plain = IndexPlan(batch, naming: TopicNaming())
    let plan = IndexPlan(batch, naming: TopicNaming(), redactors: [Redactor(rules), nil])
    #expect(
      sources(plan.documents) == [
        #"{"m":"41[CARD REDACTED]11 [MAIL REDACTED]","n":1.0}"#, #"{"m":"4111111111111111"}"#,
        #"{"m":"nothing", "a":1,"a":2}"#,
      ])
    #expect(plan.documents.addresses.map(\.id) == plain.documents.addresses.map(\.id))
    #expect(plan.redactions.map(\.redacted) == [[1, 1], []])
  }

  @Test("what goes to the quarantine is redacted, JSON or not, and whatever the reason is")
  func quarantine() throws {
    let batch = RecordBatch.of([
      TestRecord(offset: 0, value: #"{"m":"\#(secret)","#), TestRecord(offset: 1, value: "text \(secret)"),
      TestRecord(offset: 2, value: #"{"m":"\#(secret)",}"#), TestRecord(offset: 3, value: "{\"m\":\n\"\(secret)\"}"),
      TestRecord(offset: 4, value: #"{"poison":"\#(secret)"}"#),
      TestRecord(offset: 5, value: #"["\u0034\#(secret.dropFirst())"]"#),
    ])
    var settlement = BatchSettlement(batch, naming: TopicNaming(), redactors: [Redactor(rules)])
    var model = ModelElasticsearch()
    while let request = settlement.next() {
      let (status, body) = model.bulk(request.bytes, nil)
      let response = CurlResponse(status: status, headers: [], body: Array((body ?? "").utf8))
      #expect(settlement.take(BulkAnswer(response, to: request)) == nil)
    }
    #expect(settlement.tallies.map(\.quarantined) == [6])
    let entries = try model.quarantined
    #expect(entries.count == 6 && entries.allSatisfy { $0.raw?.contains("[CARD REDACTED]") == true })
    for source in model.documents.values.flatMap(\.values) {
      #expect(!source.contains(secret) && !source.contains("4111"))
    }
    #expect(Set(entries.map(\.type)).contains("not_json"))
  }

  @Test("of a record that is no JSON nothing is kept where a path might name any of it")
  func paths() throws {
    let plan = IndexPlan(
      .of([TestRecord(value: #"{"user":{"mail":"x"}"#)]), naming: TopicNaming(),
      redactors: [Redactor([RedactionRule(name: "MAIL", .path(".user.mail"))])])
    let entry = try #require(sources(plan.quarantine).first)
    #expect(entry.contains(#""raw":"[MAIL REDACTED]""#))
  }

  @Test("what the first Barito wrote is redacted too")
  func timbers() {
    // Timber { timestamp: "2021-03-16T08:00:00Z", content: {"n": "a@b.cc"} }
    let value = Array("a@b.cc".utf8)
    let string: [UInt8] = [0x1A, UInt8(value.count)] + value
    let entry: [UInt8] = [0x0A, 0x01, 0x6E, 0x12, UInt8(string.count)] + string
    let content: [UInt8] = [0x0A, UInt8(entry.count)] + entry
    let time = Array("2021-03-16T08:00:00Z".utf8)
    let timber: [UInt8] = [0x12, UInt8(time.count)] + time + [0x1A, UInt8(content.count)] + content
    let plan = IndexPlan(
      .of(bytes: [(timber, []), (Array("no timber: a@b.cc".utf8), [])]), naming: TopicNaming(),
      redactors: [Redactor(rules)])
    #expect(sources(plan.documents) == [#"{"n":"[MAIL REDACTED]","@timestamp":"2021-03-16T08:00:00Z"}"#])
    #expect(sources(plan.quarantine).allSatisfy { !$0.contains("@b") && $0.contains("[MAIL REDACTED]") })
  }

  // MARK: - The whole of Flow

  private let cluster = ClusterName("haruni")

  private func snapshot(_ rules: [RedactionRule]?, brokers: String) throws -> String {
    let page = ProfilePage(
      version: 7,
      groups: [
        GroupProfile(
          clusterName: cluster, name: "Shop", status: .active,
          cluster: ClusterEndpoints(
            kafkaBrokers: brokers, elasticsearchURL: "http://127.0.0.1:1", naming: .shared(by: cluster)),
          redaction: rules)
      ], apps: [AppProfile(id: AppID(1), clusterName: cluster, name: "shop", topicName: "shop")])
    let path = FileManager.default.temporaryDirectory.appending(path: "redaction-\(UInt64.random(in: 0...(.max))).json")
    try Data(try WireJSON.encode(page)).write(to: path)
    return path.path()
  }

  private func send(_ values: [String], to topic: String, _ cluster: MockCluster) async throws {
    let producer = try KafkaProducer(cluster.configuration())
    for value in values { try await producer.send(Array(value.utf8), to: topic) }
    await producer.close(within: .seconds(5))
  }

  @Test("a rule that explodes is switched off and told of, while the app's lines go on, redacted by the others")
  func explosive() async throws {
    let kafka = MockCluster()
    kafka.createTopic("haruni.shop_logs")
    kafka.createTopic("new_topic_events")
    let bad = String(repeating: "a", count: 64) + "b"
    let values = (0..<40).map { #"{"n":\#($0),"bad":"\#(bad)","m":"a@b.cc"}"# }
    try await send(values, to: "haruni.shop_logs", kafka)
    let path = try snapshot(rules + [RedactionRule(name: "BOOM", .pattern("(a+)+$"))], brokers: kafka.bootstraps)
    let log = RecordingSink()
    let profiles = ProfileFeed(
      market: MarketClient(url: "http://127.0.0.1:1", token: "x", clients: 1), snapshotPath: path, logger: .silent)
    let elasticsearch = try StubElasticsearch()
    let topics = TopicList(always: ["new_topic_events"], naming: TopicNaming())
    topics.add(["haruni.shop_logs"])
    let registry = MetricsRegistry()
    let pipeline = try IndexPipeline.test(
      kafka, elasticsearch.url, topics, profiles: profiles, isRedacting: true, metrics: FlowMetrics(registry),
      logger: Logger(log, level: .debug))
    try await running(pipeline) {
      // Nothing is known of rules yet: nothing may be indexed.
      try await eventually("it says why it waits") {
        log.events.contains { $0.message == "records wait until it is known what is to be redacted" }
      }
      #expect(elasticsearch.requests == 0)
      await profiles.restore()
      try await eventually(within: .seconds(60), "every line is indexed") {
        elasticsearch.model.indexed.count == values.count
      }
    }
    let indexed = elasticsearch.model.indexed
    #expect(indexed.allSatisfy { $0.contains("[MAIL REDACTED]") && !$0.contains("a@b.cc") })
    #expect(indexed.count { $0.contains(#""bad":"[BOOM REDACTED]""#) } == 10)
    #expect(
      log.events.count { $0.message.hasPrefix("a redaction rule costs too much") && $0.metadata["rule"] == "BOOM" } == 1
    )
    let metrics = String(decoding: registry.render(), as: UTF8.self)
    #expect(metrics.contains(#"barito_flow_redactions_total{topic="haruni.shop_logs",rule="MAIL"} 40"#))
    #expect(metrics.contains(#"barito_flow_redaction_strikes_total{topic="haruni.shop_logs",rule="BOOM"} 10"#))
    await elasticsearch.stop()
    try? FileManager.default.removeItem(atPath: path)
  }

  @Test("a topic whose app is gone, or not known yet, is redacted all the same")
  func unknownApps() async throws {
    let path = try snapshot(rules, brokers: "k:9092")
    let profiles = ProfileFeed(
      market: MarketClient(url: "http://127.0.0.1:1", token: "x", clients: 1), snapshotPath: path, logger: .silent)
    let redaction = TopicRedaction(profiles: profiles, logger: .silent)
    #expect(redaction.redactors(of: ["haruni.shop_logs"]).isEmpty)
    await profiles.restore()
    let names = redaction.redactors(of: ["haruni.shop_logs", "haruni.new_logs", "other_logs"]).map { $0?.names }
    #expect(names == [["CARD", "MAIL"], ["CARD", "MAIL"], nil])
    let first = redaction.redactors(of: ["haruni.shop_logs"])[0]
    #expect(first === redaction.redactors(of: ["haruni.shop_logs"])[0])
    try? FileManager.default.removeItem(atPath: path)
  }
}
