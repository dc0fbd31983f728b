import FaultKit
import Glibc
import TestKit
import Testing

extension FlowFaults {
  /// What is done to a server.
  enum Outage: String, CaseIterable, CustomTestStringConvertible {
    case elasticsearchStopped = "Elasticsearch is stopped"
    case elasticsearchPaused = "Elasticsearch is paused"
    case kafkaStopped = "the only broker is restarted"
    case kafkaPaused = "the only broker is paused"

    var testDescription: String { rawValue }

    func begin(_ servers: FlowServers) async throws {
      switch self {
      case .elasticsearchStopped: try await servers.elasticsearch.stopServer()
      case .elasticsearchPaused: try servers.elasticsearch.send(SIGSTOP)
      case .kafkaStopped: try await servers.kafka.stopBroker()
      case .kafkaPaused: try servers.kafka.send(SIGSTOP)
      }
    }

    func end(_ servers: FlowServers) async throws {
      switch self {
      case .elasticsearchStopped: try await servers.elasticsearch.restart()
      case .elasticsearchPaused: try servers.elasticsearch.send(SIGCONT)
      case .kafkaStopped: try await servers.kafka.restart()
      case .kafkaPaused: try servers.kafka.send(SIGCONT)
      }
    }
  }

  @Test("a server that is away for a while costs time and nothing else", arguments: Outage.allCases)
  func away(outage: Outage) async throws {
    try await FlowFaults.run(settings: ["elasticsearch.timeout": "10s"]) { run in
      try await run.progress.advance("records are indexed before")
      let pid = run.flow.pid
      try await outage.begin(run.servers)
      // As long as it is away nobody can tell whether Flow waits well; only time passes.
      try? await Task.sleep(for: FlowFaults.isLong ? .seconds(60) : .seconds(12))
      try await outage.end(run.servers)
      try await run.progress.advance(within: .seconds(180), "records are indexed again")
      #expect(run.flow.pid == pid && run.flow.isRunning, "it needs no restart: \(run.flow.lastWords)")
    }
  }
}
