import BaritoCore
import BaritoService
import HTTP
import Kafka
import KafkaTesting
import TestKit
import Testing

@testable import BaritoRouter

@Suite(.timeLimit(.minutes(1))) struct BackPressureTests {
  private let secret: HTTPHeaders = ["X-App-Secret": "secret-Shop"]

  @Test("while Kafka is away requests are refused at once, and taken again without a restart")
  func away() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")], timeout: .seconds(30))
    router.cluster.createTopic("shop_logs")
    #expect(try await router.post("/produce", secret, "{}").status == 200)
    router.cluster.takeDown()
    async let waiting = router.post("/produce", secret, "{}")
    try await eventually("Kafka was silent for a second") { router.clusters.silentTopics == 1 }
    for _ in 0..<3 {
      let start = ContinuousClock.now
      let answer = try await router.post("/produce", secret, "{}")
      #expect(answer.status == 503 && answer.headers["Retry-After"] == "1")
      #expect(ContinuousClock.now - start < .seconds(5))
    }
    #expect(router.metric(#"barito_router_refused_requests_total{code="kafka_unavailable"} 3"#))
    router.cluster.bringUp()
    #expect(try await waiting.status == 200, "what was on its way arrives")
    try await eventually("lines are taken again") { try await router.post("/produce", secret, "{}").status == 200 }
    #expect(router.clusters.silentTopics == 0)
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
