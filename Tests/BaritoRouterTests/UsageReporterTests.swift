import BaritoCore
import Kafka
import KafkaTesting
import Lifecycle
import Logging
import TestKit
import Testing

@testable import BaritoRouter
@testable import BaritoService

@Suite(.timeLimit(.minutes(1))) struct UsageReporterTests {
  @Test("what was counted is told once, and at a stop what came since")
  func told() async throws {
    let cluster = MockCluster()
    cluster.createTopic(PlatformTopic.usage)
    let router = try await RouterUnderTest(apps: [.named("Shop", id: 5)], cluster: cluster)
    let reporter = UsageReporter(
      service: "router", instance: "test", usage: router.usage, profiles: router.profiles,
      producer: try KafkaProducer(cluster.configuration()), clock: .system, logger: .silent)
    let shutdown = GracefulShutdown()
    async let running: Void = GracefulShutdown.$current.withValue(shutdown) { try await reporter.run() }
    router.usage.accepted(AppID(5), lines: 3, bytes: 30, at: 9)
    _ = try await cluster.records(PlatformTopic.usage, 1)
    router.usage.accepted(AppID(5), lines: 4, bytes: 40, at: 10)
    router.usage.accepted(AppID(404), lines: 4, bytes: 40, at: 10)
    shutdown.request()
    try await running
    let reports = try await cluster.records(PlatformTopic.usage, 2).map {
      try WireJSON.decode(UsageReport.self, from: Array($0.value.utf8))
    }
    #expect(reports.map(\.clusterName) == [ClusterName("haza"), ClusterName("haza")])
    #expect(reports.flatMap { $0.apps.map(\.accepted) } == [3, 4])
    #expect(reports.allSatisfy { $0.service == "router" && $0.from <= $0.to })
    await router.close()
  }

  @Test("secrets that let senders in are told with their group, those that are known to nobody any more are not")
  func secrets() async throws {
    let cluster = MockCluster()
    cluster.createTopic(PlatformTopic.usage)
    let router = try await RouterUnderTest(apps: [.named("Shop", id: 5)], cluster: cluster)
    for name in ["secret-Shop", "group-haza", "revoked"] { router.usage.secrets.note(SecretHash(of: name), at: 9) }
    try await stop(router, telling: cluster.configuration())
    let report = try WireJSON.decode(
      UsageReport.self, from: Array(try await cluster.records(PlatformTopic.usage, 1)[0].value.utf8))
    #expect(report.clusterName == ClusterName("haza"))
    #expect(report.apps == [])
    let told = report.secrets ?? []
    #expect(told.count == 2)
    for name in ["secret-Shop", "group-haza"] { #expect(told.contains(SecretUse(SecretHash(of: name), at: 9))) }
    await router.close()
  }

  @Test("while Kafka is away what is known of secrets is kept, and of no others than the valid ones")
  func kept() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop", id: 5)])
    for name in ["secret-Shop", "revoked"] { router.usage.secrets.note(SecretHash(of: name), at: 9) }
    var away = router.cluster.configuration()
    away.brokers = "127.0.0.1:1"
    away.producer.messageTimeout = .milliseconds(200)
    try await stop(router, telling: away)
    #expect(router.usage.secrets.take(now: 10) == [SecretUse(SecretHash(of: "secret-Shop"), at: 9)])
    await router.close()
  }

  /// Runs a reporter that is told to stop at once: it tells what there is, once.
  private func stop(_ router: RouterUnderTest, telling kafka: KafkaConfiguration) async throws {
    let reporter = UsageReporter(
      service: "router", instance: "test", usage: router.usage, profiles: router.profiles,
      producer: try KafkaProducer(kafka), clock: .system, logger: .silent)
    let shutdown = GracefulShutdown()
    shutdown.request()
    try await GracefulShutdown.$current.withValue(shutdown) { try await reporter.run() }
  }
}
