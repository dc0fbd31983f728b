import BaritoCore
import BaritoService
import Kafka
import KafkaTesting
import Lifecycle
import Logging
import TestKit
import Testing

@testable import BaritoRouter

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
}
