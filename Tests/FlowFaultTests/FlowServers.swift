import FaultKit
import Testing

/// Servers that the tests of a suite share and hurt, one after the other. Each test leaves them whole.
struct FlowServers: Sendable {
  @TaskLocal static var current: FlowServers?

  let kafka: RealKafka
  let elasticsearch: RealElasticsearch

  /// Runs a body with them, and stops them whatever happens.
  static func with(_ body: @concurrent @Sendable () async throws -> Void) async throws {
    async let starting = RealElasticsearch()
    let kafka = try await RealKafka()
    let elasticsearch: RealElasticsearch
    do {
      elasticsearch = try await starting
    } catch {
      await kafka.stop()
      throw error
    }
    do {
      try await $current.withValue(FlowServers(kafka: kafka, elasticsearch: elasticsearch)) { try await body() }
    } catch {
      await stop(kafka, elasticsearch)
      throw error
    }
    await stop(kafka, elasticsearch)
  }

  private static func stop(_ kafka: RealKafka, _ elasticsearch: RealElasticsearch) async {
    await kafka.stop()
    await elasticsearch.stop()
  }
}

/// Starts the servers once for a whole suite.
struct FlowServersTrait: SuiteTrait, TestScoping {
  // For the suite, not for each test in it.
  var isRecursive: Bool { false }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    try await FlowServers.with(function)
  }
}

extension Trait where Self == FlowServersTrait {
  static var servers: Self { FlowServersTrait() }
}
