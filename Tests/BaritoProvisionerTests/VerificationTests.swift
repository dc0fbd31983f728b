import BaritoCore
import BaritoService
import Lifecycle
import Testing

@testable import BaritoProvisioner

@Suite("Verification", .timeLimit(.minutes(1))) struct VerificationTests {
  private let time = VirtualTime()
  private let cluster = ClusterName("haza")

  private func verification(_ url: String, timeout: Duration = .seconds(60)) -> Verification {
    Verification(
      market: MarketClient(url: url, token: "service-token-of-tests"), routerURL: url, clients: 2, timeout: timeout,
      clock: time.clock, backoff: Backoff(base: .seconds(1), cap: .seconds(2)),
      pause: { [time] duration in
        if GracefulShutdown.current.isRequested { return false }
        time.advance(duration)
        return true
      })
  }

  private func endpoints(_ url: String) -> ClusterEndpoints {
    ClusterEndpoints(kafkaBrokers: "k:9092", elasticsearchURL: url, naming: .shared(by: cluster))
  }

  @Test("a line that is found proves the cluster")
  func found() async throws {
    try await StubPlatform.with { platform, url in
      let proof = await verification(url).prove(cluster, endpoints(url))
      #expect(proof == .searchable(after: .zero))
      let line = try #require(platform.now.lines.first.map { String(decoding: $0, as: UTF8.self) })
      #expect(line.hasPrefix(#"{"items":[{"#))
      #expect(line.contains(#""barito_trace_time":"#))
      #expect(platform.now.searches == ["haza.barito-probe_-*"])
    }
  }

  @Test("a Router that does not know the group yet is asked again, with the same batch")
  func routerCatchesUp() async throws {
    try await StubPlatform.with { platform, url in
      platform.set {
        $0.refusals = [(401, "unknown_secret"), (401, "unknown_secret"), (503, "group_not_ready")]
        $0.emptySearches = 3
      }
      guard case .searchable = await verification(url).prove(cluster, endpoints(url)) else {
        Issue.record("the cluster was not proved")
        return
      }
      #expect(platform.now.batchIDs.count == 4)
      #expect(Set(platform.now.batchIDs).count == 1)
      #expect(platform.now.lines.count == 1)
      #expect(platform.now.searches.count == 4)
      #expect(platform.now.secrets == 1)
    }
  }

  @Test("a secret that is never known is replaced by another")
  func newSecret() async throws {
    try await StubPlatform.with { platform, url in
      platform.set { $0.refusals = Array(repeating: (401, "unknown_secret"), count: 60) }
      guard case .searchable = await verification(url, timeout: .seconds(300)).prove(cluster, endpoints(url)) else {
        Issue.record("the cluster was not proved")
        return
      }
      #expect(platform.now.secrets > 1)
    }
  }

  @Test(
    "a failure names its leg",
    arguments: [
      ("market", ["Market", "404", "There is no group"]), ("router", ["Router refuses", "503 group_not_ready"]),
      ("lost", ["is in Kafka", "not in Elasticsearch", "Flow"]), ("search", ["is in Kafka", "answers 500"]),
    ])
  func legs(broken: String, words: [String]) async throws {
    try await StubPlatform.with { platform, url in
      platform.set { state in
        switch broken {
        case "market": state.marketStatus = 404
        case "router": state.refusals = Array(repeating: (503, "group_not_ready"), count: 1000)
        case "lost": state.loses = true
        default: state.searchStatus = 500
        }
      }
      guard case .failed(let reason) = await verification(url).prove(cluster, endpoints(url)) else {
        Issue.record("it did not fail")
        return
      }
      for word in words { #expect(reason.contains(word), "\(reason)") }
      #expect(!reason.contains("secret-1"))
    }
  }

  @Test("nobody at home is said of each")
  func nobody() async throws {
    let silent = "http://127.0.0.1:1"
    guard case .failed(let market) = await verification(silent).prove(cluster, endpoints(silent)) else {
      Issue.record("it did not fail")
      return
    }
    #expect(market.contains("Market gives no secret"))
    try await StubPlatform.with { _, url in
      let proof = await verification(url).prove(cluster, endpoints(silent))
      guard case .failed(let reason) = proof else {
        Issue.record("it did not fail")
        return
      }
      #expect(reason.contains("Elasticsearch does not answer"))
    }
  }

  @Test("a stop ends it without a verdict")
  func stop() async throws {
    try await StubPlatform.with { platform, url in
      platform.set { $0.loses = true }
      let stop = GracefulShutdown()
      stop.request()
      let proof = await GracefulShutdown.$current.withValue(stop) {
        await verification(url).prove(cluster, endpoints(url))
      }
      #expect(proof == .stopped)
    }
  }

  @Test("every probe has an id of its own, which one word of a search finds")
  func ids() throws {
    let ids = (0..<100).map { _ in ProbeLine.random(at: 0).id }
    #expect(Set(ids).count == 100)
    #expect(ids.allSatisfy { $0.count == 21 && $0.allSatisfy { $0.isLetter || $0.isNumber } })
    for id in ids { #expect((try? BatchID(id)) != nil) }
    let line = ProbeLine(id: "probe1", at: 5)
    #expect(!line.isFound(in: Array(#"{"hits":{"hits":[]}}"#.utf8)))
    #expect(!line.isFound(in: Array(#"{"hits":{"hits":[{"_source":{"barito_probe_id":"probe2"}}]}}"#.utf8)))
    #expect(line.isFound(in: Array(#"{"hits":{"hits":[{"_source":{"barito_probe_id":"probe1"}}]}}"#.utf8)))
    #expect(!line.isFound(in: Array("<html>".utf8)))
  }
}
