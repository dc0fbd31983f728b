import BaritoCore
import BaritoService
import Glibc

/// The services under test, the real executables, with profiles from a file instead of a Market.
struct Stage {
  /// Topics and secrets of the apps that send to the Router and to its peers.
  enum App: String, CaseIterable {
    case router, bare, syslog, nginx, rsyslog

    var topic: String { Stage.naming.topic(for: rawValue) }
    var secret: String { Stage.secret(of: rawValue) }
  }

  let children: Children
  let broker: Broker
  let partitions: Int

  /// Of this run alone, should the Kafka live longer.
  private static let cluster = ClusterName("bench\(ContinuousClock.now.hashValue & 0xFFFFFF)")
  static let naming = TopicNaming.shared(by: cluster)
  private static func secret(of app: String) -> String { "secret-of-\(app)" }

  /// Starts the Router, which may not serve yet.
  /// - Returns: it, by each way in.
  func startRouter() throws -> [LoadPoint.Server: IngestComparison.Running] {
    let (forward, syslog) = (try Loopback.freePort(), try Loopback.freePort())
    let (process, port) = try startRouter(
      "router", snapshot: try snapshot("router", profiles(of: App.allCases.map(\.rawValue))), admin: 0,
      forward: "127.0.0.1:\(forward)",
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

  /// Starts a Flow that has read nothing yet, as it is in a group of its own.
  ///
  /// - Parameters:
  ///   - topicPrefix: it reads the topics whose names begin so.
  ///   - apps: whose lines are in them.
  ///   - port: where its Elasticsearch is, or what stands in for one.
  ///   - admin: where it tells of itself; 0 is any port.
  func startFlow(topicPrefix: String, apps: [String], into port: Int, admin: Int = 0) throws -> ChildProcess {
    let arguments =
      serviceArguments(snapshot: try snapshot("flow", profiles(of: apps)), admin: admin) + [
        "--kafka-group", newGroup("flow"), "--topic-prefix", topicPrefix, "--elasticsearch-url",
        "http://127.0.0.1:\(port)",
      ]
    return try children.start("flow", try children.sibling("barito-flow"), arguments)
  }

  /// A consumer group that nobody was in.
  func newGroup(_ name: String) -> String { "\(Stage.cluster)-\(name)-\(ContinuousClock.now.hashValue & 0xFFFF_FFFF)" }

  /// Makes the topics of a shape, and fills them with its lines.
  func fill(_ shape: DeliveryShape) throws {
    try TopicMaking(broker: broker).make(shape.topicNames.all, partitions: shape.partitions)
    let child = try children.start(
      BareCommands.producer,
      BareCommands.arguments(self, shape.topicNames) + [
        "--count", "\(shape.lines)", "--line-bytes", "\(shape.lineBytes)",
      ])
    let report = try child.report(within: .seconds(900))
    try child.finish()
    guard try report.count("lines") == shape.lines else {
      throw BenchError("there are \(try report.count("lines")) lines instead of \(shape.title)")
    }
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

  /// - Parameter apps: the names of their topics, which their secrets are made of.
  private func profiles(of apps: [String]) -> ProfilePage {
    let endpoints = ClusterEndpoints(
      kafkaBrokers: broker.address, elasticsearchURL: "http://127.0.0.1:1", naming: Stage.naming,
      partitions: partitions)
    return ProfilePage(
      version: 1,
      groups: [
        GroupProfile(clusterName: Stage.cluster, name: "Benchmark", status: .active, cluster: endpoints)
      ],
      apps: apps.enumerated().map { number, app in
        AppProfile(
          id: AppID(Int64(number + 1)), clusterName: Stage.cluster, name: app, topicName: app,
          secrets: [SecretHash(of: Stage.secret(of: app))])
      })
  }
}
