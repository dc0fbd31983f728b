import BaritoCore
import BaritoService
import Compression
import HTTP
import Kafka
import KafkaTesting
import TestKit
import Testing

@testable import BaritoRouter

@Suite(.timeLimit(.minutes(1))) struct BackPressureTests {
  private let secret: HTTPHeaders = ["X-App-Secret": "secret-Shop"]

  @Test("when Kafka falls silent requests that wait are refused too, and lines are taken again without a restart")
  func away() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")], timeout: .seconds(60), patience: .seconds(1))
    router.cluster.createTopic("shop_logs")
    try await eventually("a line is taken") { try await router.post("/produce", secret, "{}").status == 200 }
    router.cluster.takeDown()
    let start = ContinuousClock.now
    let waiting = try await router.post("/produce", secret, "{}")
    #expect(waiting.status == 503 && waiting.headers["Retry-After"] == "1")
    #expect(ContinuousClock.now - start < .seconds(20), "it waited for Kafka's silence, not for its time-out")
    #expect(router.clusters.silentTopics == 1)
    for _ in 0..<3 {
      let start = ContinuousClock.now
      let answer = try await router.post("/produce", secret, "{}")
      #expect(answer.status == 503 && answer.headers["Retry-After"] == "1")
      #expect(ContinuousClock.now - start < .seconds(5))
    }
    #expect(router.bytes.total > 0, "what was refused while it waited is held until Kafka is through with it")
    router.cluster.bringUp()
    try await eventually("lines are taken again") { try await router.post("/produce", secret, "{}").status == 200 }
    #expect(router.clusters.silentTopics == 0)
    #expect(router.metric("barito_router_late_lines_total 1"), "what was on its way has arrived, and is counted")
    try await eventually("nothing is held") { router.bytes.total == 0 }
    await router.close()
  }

  @Test("a batch of a stream waits for what becomes of it, since it would be sent twice otherwise")
  func stream() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")], timeout: .seconds(60), patience: .milliseconds(200))
    router.cluster.createTopic("shop_logs")
    try await eventually("a line is taken") { try await router.post("/produce", secret, "{}").status == 200 }
    let admission = try router.pipeline.admission(of: .app(SecretHash(of: "secret-Shop")))
    guard case .admitted(let destination) = admission else { throw NeverHappened(description: "the app is admitted") }
    let batch = try BodyReader(limits: .test, inflater: Inflater()).read(
      Array("{}".utf8), nil, as: ProduceProtocol(), .init(format: .single, wantsReceipt: false),
      receivedAt: router.pipeline.receivedAt
    ).batch
    router.cluster.takeDown()
    let outcomes = Guarded<[String]>([])
    for (name, waiting) in [("request", IngestPipeline.Waiting.whileKafkaAnswers), ("stream", .untilItIsKnown)] {
      router.pipeline.store(
        batch, named: nil, in: destination, by: router.pipeline.metrics.source("test"), waiting: waiting
      ) { outcome in
        if case .stored = outcome { outcomes.with { $0.append("\(name) stored") } }
        if case .refused = outcome { outcomes.with { $0.append("\(name) refused") } }
      }
    }
    try await eventually("the request is refused") { outcomes.with { $0 } == ["request refused"] }
    router.cluster.bringUp()
    try await eventually("the stream's batch is stored") {
      outcomes.with { $0 } == ["request refused", "stream stored"]
    }
    await router.close()
  }

  @Test("an app that fills its memory is refused before its body is read, and nobody else is")
  func busy() async throws {
    let router = try await RouterUnderTest(
      apps: [.named("Shop"), .named("Other", id: 2)], timeout: .seconds(20), bytes: AppBytes(limit: 10))
    router.cluster.createTopic("shop_logs")
    router.cluster.createTopic("other_logs")
    #expect(try await router.post("/produce", secret, "{}").status == 200)
    #expect(try await router.post("/produce", ["X-App-Secret": "secret-Other"], "{}").status == 200)
    let held = try router.bytes.read(10, of: AppID(1))
    let refused = try await router.post("/produce", secret, "{}")
    #expect(try refused.status == 503 && refused.problem.code == "app_busy" && refused.headers["Retry-After"] == "1")
    #expect(router.metric(#"barito_router_refused_requests_total{code="app_busy"} 1"#))
    #expect(try await router.post("/produce", ["X-App-Secret": "secret-Other"], "{}").status == 200)
    withExtendedLifetime(held) {}
    await router.close()
  }

  @Test("what was taken of an app's memory comes back, whatever became of the batch")
  func givenBack() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")], timeout: .seconds(1), bytes: AppBytes(limit: 1000))
    router.cluster.createTopic("shop_logs")
    #expect(try await router.post("/produce", secret, "{}").status == 200)
    #expect(try await router.post("/produce", secret, "nonsense").status == 400)
    #expect(try await router.post("/produce?dry_run=1", secret, "{}").status == 200)
    router.cluster.pushRequestErrors(.produce, [.messageTooLarge])
    #expect(try await router.post("/produce", secret, "{}").status == 413)
    router.cluster.takeDown()
    #expect(try await router.post("/produce", secret, "{}").status == 503)
    try await eventually("nothing is held") { router.bytes.total == 0 }
    await router.close()
  }
}
