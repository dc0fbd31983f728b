import BaritoCore
import Settings
import Testing

@testable import BaritoBench
@testable import BaritoFlow

@Suite struct FlowBenchTests {
  @Test("a loader's bodies are Flow's to the byte")
  func bodies() {
    let lines = LogLines.make(3, seed: 1)
    // The last one is of the next day.
    let times: [Int64] = [1_795_000_000_000, 1_795_000_000_001, 1_795_080_000_000]
    var bodies = BulkBodies(indexPrefix: "shop.orders", batch: 2)
    var names = IndexNames(prefix: "shop.orders")
    var requests = [BulkRequest(), BulkRequest()]
    for (place, line) in lines.enumerated() {
      let id = DocumentID(partition: 2, offset: Int64(place), timestamp: times[place])
      requests[place / 2].create(
        record: place, index: names.name(at: times[place]), id: Array(id.description.utf8), document: line.span)
      line.withUnsafeBytes { bodies.add($0, partition: 2, offset: Int64(place), timestamp: times[place]) }
    }
    #expect(bodies.bodies == requests.map(\.bytes))
  }

  @Test("a loader sends what Flow does by default: as large, as many at once, with the same question")
  func loader() throws {
    let flow = try FlowConfiguration(try FlowService.program.reader(["service.token": "0123456789abcdef"]))
    #expect(BulkLoad.batch == flow.limits.count)
    #expect(BulkLoad.connections == flow.concurrency)
    #expect(BulkLoad.path == ElasticsearchClient.bulkPath)
  }

  @Test("names of topics differ in a number")
  func topics() {
    #expect(TopicNames(pattern: "a.many-#_logs", count: 3).all == ["a.many-0_logs", "a.many-1_logs", "a.many-2_logs"])
    #expect(TopicNames(pattern: "a.short_logs").all == ["a.short_logs"])
  }

  @Test("each shape has topics of its own, which a Flow of its prefix reads")
  func shapes() throws {
    let configuration = try BenchConfiguration(try Bench.program.reader(["kafka": "kafka:9092"]))
    let shapes =
      DeliveryShape.all(configuration) + [
        .peers(configuration), .crowd(configuration), .indexed(configuration), .fresh("half-0", partitions: 1),
      ]
    #expect(shapes[0].title == "5,000,000 lines of 200 bytes in 1 topic")
    #expect(shapes[1].title == "1,000,000 lines of 1,024 bytes in 1 topic")
    #expect(shapes.map { $0.rounds(of: 3) } == [1, 1, 3, 1, 1, 3, 3])
    #expect(shapes[2].title == "1,000,000 lines of 200 bytes in 1,000 topics")
    for shape in shapes {
      #expect(shape.topicNames.all.count == shape.topics)
      // The Router's crowd has topics in the same Kafka.
      let apps = Crowd(apps: 3, sending: 3).page(brokers: "kafka:9092").apps
      let crowd = apps.map { Stage.naming.topic(for: $0.topicName) }
      let read = (shapes.flatMap(\.topicNames.all) + crowd).filter { $0.hasPrefix(shape.topicPrefix) }
      #expect(read == shape.topicNames.all)
      let naming = TopicNaming(prefix: shape.topicPrefix)
      #expect(read.allSatisfy { naming.documentPrefix(ofTopic: $0) != nil })
      #expect(shape.topicNames.all == shape.apps.map { Stage.naming.topic(for: $0) })
    }
  }

  @Test("a half alone replaces no file, unless it is told which")
  func halves() throws {
    func configuration(_ settings: [String: String]) throws -> BenchConfiguration {
      try BenchConfiguration(
        try Bench.program.reader(settings.merging(["kafka": "kafka:9092"]) { $1 }))
    }
    let both = try configuration([:])
    #expect(both.output == "docs/results/bench.md")
    #expect(both.runs(.router) && both.runs(.flow))
    let flow = try configuration(["only": "flow"])
    #expect(flow.output == nil)
    #expect(flow.runs(.flow) && !flow.runs(.router))
    #expect(try configuration(["only": "router", "output": "x.md"]).output == "x.md")
    #expect(try configuration(["quick": "true"]).output == nil)
    #expect(throws: SettingsErrors.self) { try configuration(["only": "tail"]) }
  }

  @Test("who moves more of a backlog in a second of CPU time has the larger share")
  func shares() {
    let delivery = self.delivery(bare: 1, flow: 2.5, rsyslog: 7.5)
    #expect(delivery.share(of: .flow)?.median == 0.4)
    #expect(delivery.share(of: .flow, to: .rsyslog)?.median == 3)
    #expect(delivery.share(of: .bare)?.median == 1)
    #expect(delivery.speedShare(.flow)?.median == 1)
    #expect(DeliveryResults(shape: shape).share(of: .flow) == nil)
  }

  @Test("Flow is compared with the loader round by round, and what Elasticsearch spends on a document is told")
  func indexing() throws {
    var indexing = IndexingResults(shape: shape)
    indexing.rounds = [.loader: [round(100), round(50)], .flow: [round(96), round(49)]]
    #expect(try #require(indexing.flowShare).values == [0.96, 0.98])
    #expect(indexing.serverCost(.flow)?.values == [5000, 5000])
    #expect(IndexingResults(shape: shape).flowShare == nil)
  }

  @Test("what an app notices is the growth of its lines' age within a round")
  func catchUp() throws {
    let results = CatchUp(
      alone: [freshness(50, 100), freshness(40, 80)], beside: [freshness(60, 150), freshness(50, 100)])
    #expect(results.p50Growth?.values == [1.2, 1.25])
    #expect(results.p99Growth?.values == [1.5, 1.25])
    #expect(CatchUp(alone: [freshness(1, 1)]).p50Growth == nil)
  }

  @Test("each of Flow's targets has its row, met, missed, or not measured")
  func targets() {
    var results = FlowResults()
    results.deliveries = [
      delivery(bare: 1, flow: 2), delivery(bare: 1, flow: 3), delivery(bare: 1, flow: 2.5),
    ]
    results.peers = delivery(bare: 1, flow: 2, rsyslog: 3)
    #expect(Target.flow(results).map(\.isMet) == [true, false, true, false, nil, nil, nil, nil, nil, nil, true])
    results.indexing = IndexingResults(shape: shape)
    results.indexing?.rounds = [.loader: [round(100)], .flow: [round(98, peak: 300_000_000)]]
    results.halfSpeed = HalfSpeed(rate: 50, seconds: 1, rounds: [freshness(50, 150), freshness(50, 180)])
    results.catchUp = CatchUp(alone: [freshness(50, 100)], beside: [freshness(55, 150)])
    results.crowd = CatchUp(alone: [freshness(50, 100)], beside: [freshness(55, 1500, peak: 500_000_000)])
    #expect(
      Target.flow(results).map(\.isMet) == [true, false, true, false, true, true, true, false, true, false, false])
  }

  @Test("the page of a half has only that, and says what is left out")
  func page() throws {
    let configuration = try BenchConfiguration(try Bench.program.reader(["kafka": "kafka:9092", "only": "flow"]))
    var flow = FlowResults()
    flow.deliveries = [delivery(bare: 1, flow: 2)]
    flow.peers = delivery(bare: 1, flow: 2)
    flow.peers?.missing = ["rsyslog: there is none"]
    flow.missing = ["Elasticsearch: nothing is there that starts one"]
    var page = ResultsPage(
      machine: Machine(cpuinfo: "", meminfo: "", kernel: "6", release: "", cores: 2), date: "2026-11-22",
      loadBefore: "0",
      broker: "kafka", library: "2.0.2", configuration: configuration, router: nil, flow: flow)
    #expect(page.text.contains("## Targets of Flow"))
    #expect(!page.text.contains("## Targets of the Router"))
    #expect(page.text.contains("- Left out: rsyslog: there is none"))
    #expect(page.text.contains("- Left out: Elasticsearch: nothing is there that starts one"))
    #expect(page.text.contains("`make bench` with `--only flow`"))
    #expect(page.text.contains("Not measured."))
    flow.elasticsearch = "elasticsearch-8"
    flow.indexing = IndexingResults(shape: shape)
    flow.indexing?.rounds = [.loader: [round(100)], .flow: [round(98)]]
    flow.halfSpeed = HalfSpeed(rate: 50, seconds: 1, rounds: [freshness(50, 150)])
    flow.catchUpIndexing = CatchUp(alone: [freshness(50, 100)], beside: [freshness(55, 150)])
    page.flow = flow
    #expect(!page.text.contains("Not measured."))
    #expect(page.text.contains("elasticsearch-8 on the same machine"))
    #expect(page.text.contains("| into Elasticsearch, beside the other |"))
    page.configuration.only = nil
    page.router = RouterResults(ingest: IngestResults([]))
    #expect(page.text.contains("## Targets of the Router"))
  }

  private let shape = DeliveryShape(name: "short", lines: 1000, partitions: 4)

  /// - Parameters: CPU microseconds a line.
  private func delivery(bare: Double, flow: Double, rsyslog: Double? = nil) -> DeliveryResults {
    func rounds(_ cost: Double) -> [Round] {
      [
        Round(
          lines: 1000, seconds: 1, cpuSeconds: cost / 1000, cpuLines: 1000, clientCPUSeconds: nil,
          memory: .init(now: 1, peak: 150_000_000))
      ]
    }
    var results = DeliveryResults(shape: shape)
    results.rounds = [.bare: rounds(bare), .flow: rounds(flow)]
    if let rsyslog { results.rounds[.rsyslog] = rounds(rsyslog) }
    return results
  }

  private func round(_ linesPerSecond: Int, peak: Int = 1) -> Round {
    Round(
      lines: linesPerSecond, seconds: 1, cpuSeconds: 0.1, cpuLines: linesPerSecond,
      clientCPUSeconds: Double(linesPerSecond) / 200, memory: .init(now: 1, peak: peak))
  }

  private func freshness(_ p50: Double, _ p99: Double, peak: Int? = nil) -> Freshness {
    var freshness = Freshness(
      latencies: Latencies(p50: p50, p99: p99), documents: 10, documentsPerSecond: 1000, othersPerSecond: 0)
    freshness.peak = peak
    return freshness
  }
}
