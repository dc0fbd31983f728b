import BaritoCore
import BaritoService

/// The services under test, the real executables, with profiles from a file instead of a Market.
struct Stage {
  /// Topics and secrets of the apps of this run.
  enum App: String, CaseIterable {
    case router, bare
    case backlog = "backlog-lines"

    var topic: String { Stage.naming.topic(for: rawValue) }
    var secret: String { "secret-of-\(rawValue)" }
  }

  let children: Children
  let broker: Broker
  let partitions: Int

  /// Of this run alone, should the Kafka live longer.
  private static let cluster = ClusterName("bench\(ContinuousClock.now.hashValue & 0xFFFFFF)")
  static let naming = TopicNaming.shared(by: cluster)

  /// - Returns: the Router and its port; it may not serve yet.
  func startRouter() throws -> (process: ChildProcess, port: Int) {
    let port = try Loopback.freePort()
    let arguments =
      try serviceArguments("router") + [
        "--http-address", "127.0.0.1:\(port)", "--viewer-address", "127.0.0.1:0", "--forward-address", "",
        "--syslog-address", "",
      ]
    return (try children.start("router", try children.sibling("barito-router"), arguments), port)
  }

  /// Starts a Flow that has read nothing yet.
  func startFlow(group: String, sinkPort: Int) throws -> ChildProcess {
    let arguments =
      try serviceArguments("flow") + [
        "--kafka-group", "\(Stage.cluster)-\(group)", "--topic-prefix", "\(Stage.naming.prefix)backlog-",
        "--elasticsearch-url", "http://127.0.0.1:\(sinkPort)",
      ]
    return try children.start("flow", try children.sibling("barito-flow"), arguments)
  }

  private func serviceArguments(_ name: String) throws -> [String] {
    let snapshot = "\(children.folder)/\(name)-profiles.json"
    try TextFile.write(try WireJSON.encode(profiles), to: snapshot)
    return [
      "--kafka-brokers", broker.address, "--market-url", "http://127.0.0.1:1", "--service-token",
      "no-market-is-there-to-ask", "--snapshot-path", snapshot, "--admin-address", "127.0.0.1:0", "--log-format",
      "json",
    ] + broker.properties.flatMap { ["--kafka-property", "\($0.key)=\($0.value)"] }
  }

  private var profiles: ProfilePage {
    let endpoints = ClusterEndpoints(
      kafkaBrokers: broker.address, elasticsearchURL: "http://127.0.0.1:1", naming: Stage.naming,
      partitions: partitions)
    return ProfilePage(
      version: 1,
      groups: [
        GroupProfile(clusterName: Stage.cluster, name: "Benchmark", status: .active, cluster: endpoints)
      ],
      apps: App.allCases.enumerated().map { number, app in
        AppProfile(
          id: AppID(Int64(number + 1)), clusterName: Stage.cluster, name: app.rawValue, topicName: app.rawValue,
          secrets: [SecretHash(of: app.secret)])
      })
  }
}
