import BaritoCore
import BaritoService
import Glibc

/// The services under test, the real executables, with profiles from a file instead of a Market.
struct Stage {
  /// Topics and secrets of the apps of this run.
  enum App: String, CaseIterable {
    case router, bare, syslog, nginx, rsyslog
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

  /// Starts the Router, which may not serve yet.
  /// - Returns: it, by each way in.
  func startRouter() throws -> [LoadPoint.Server: IngestComparison.Running] {
    let (forward, syslog) = (try Loopback.freePort(), try Loopback.freePort())
    let (process, port) = try startRouter(
      "router", snapshot: try snapshot("router", profiles), admin: 0, forward: "127.0.0.1:\(forward)",
      syslog: "127.0.0.1:\(syslog)")
    return [
      .router: .init(process: process, port: port, secret: App.router.secret),
      .forward: .init(process: process, port: forward, secret: App.router.secret),
      .syslog: .init(process: process, port: syslog, secret: App.syslog.secret),
    ]
  }

  /// Starts a Router with many apps, again and again; the last one stays.
  /// - Returns: seconds from its start until it was ready, each time.
  func startCrowdedRouter(_ crowd: Crowd, times: Int) throws -> (router: IngestComparison.Running, seconds: [Double]) {
    let file = try snapshot("crowd", crowd.page(brokers: broker.address))
    var seconds: [Double] = []
    while true {
      let admin = try Loopback.freePort()
      let start = ContinuousClock.now
      let (process, port) = try startRouter("crowd", snapshot: file, admin: admin)
      while !Loopback.isReady(port: admin) {
        try process.checkAlive()
        guard ContinuousClock.now - start < .seconds(120) else { throw BenchError("a Router is not ready in 120 s") }
        try Interruption.check()
        usleep(2000)
      }
      seconds.append((ContinuousClock.now - start) / .seconds(1))
      guard seconds.count < times else {
        return (.init(process: process, port: port, secret: Crowd.secretPrefix, apps: crowd.sending), seconds)
      }
      process.stop()
    }
  }

  private func startRouter(
    _ name: String, snapshot: String, admin: Int, forward: String = "", syslog: String = ""
  ) throws -> (process: ChildProcess, port: Int) {
    let port = try Loopback.freePort()
    let arguments =
      serviceArguments(snapshot: snapshot, admin: admin) + [
        "--http-address", "127.0.0.1:\(port)", "--viewer-address", "127.0.0.1:0", "--forward-address", forward,
        "--syslog-address", syslog,
      ]
    return (try children.start(name, try children.sibling("barito-router"), arguments), port)
  }

  /// Starts a Flow that has read nothing yet.
  func startFlow(group: String, sinkPort: Int) throws -> ChildProcess {
    let arguments =
      serviceArguments(snapshot: try snapshot("flow", profiles)) + [
        "--kafka-group", "\(Stage.cluster)-\(group)", "--topic-prefix", "\(Stage.naming.prefix)backlog-",
        "--elasticsearch-url", "http://127.0.0.1:\(sinkPort)",
      ]
    return try children.start("flow", try children.sibling("barito-flow"), arguments)
  }

  private func snapshot(_ name: String, _ profiles: ProfilePage) throws -> String {
    let path = "\(children.folder)/\(name).snapshot"
    try TextFile.write(try ProfileSnapshot.encode(profiles), to: path)
    return path
  }

  private func serviceArguments(snapshot: String, admin: Int = 0) -> [String] {
    [
      "--kafka-brokers", broker.address, "--market-url", "http://127.0.0.1:1", "--service-token",
      "no-market-is-there-to-ask", "--snapshot-path", snapshot, "--admin-address", "127.0.0.1:\(admin)", "--log-format",
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
