/// The Router's half of the benchmark: lines in, until Kafka has them.
struct RouterBench {
  let stage: Stage
  let configuration: BenchConfiguration

  func run(progress: (String) -> Void) throws -> RouterResults {
    let routers = try stage.startRouter()
    guard let router = routers[.router]?.process else { throw BenchError("there is no Router") }
    progress("starting what the Router is compared with")
    let peers = try Peers(stage: stage)
    var (servers, missing) = (peers.servers, peers.missing)
    servers.merge(routers) { $1 }
    let plan = Crowd(apps: configuration.crowd, sending: configuration.crowdSending)
    progress("starting a Router with \(plan.apps) apps")
    let (crowded, startSeconds) = try stage.startCrowdedRouter(plan, times: configuration.rounds)
    servers[.crowd(sending: plan.sending)] = crowded
    var crowd = CrowdResults(
      apps: plan.apps, sending: plan.sending, startSeconds: startSeconds,
      memoryAtStart: try ProcessUsage.memory(of: crowded.process.pid), memoryInUse: .init(now: 0, peak: 0))

    let comparison = IngestComparison(stage: stage, configuration: configuration, servers: servers)
    let (entries, lacking) = try comparison.prepare(progress: progress)
    missing += lacking
    let (ingest, failures) = try comparison.run(entries, progress: progress)
    missing += failures
    crowd.memoryInUse = try ProcessUsage.memory(of: crowded.process.pid)
    for running in servers.values where running.process.pid != router.pid { running.process.stop() }
    progress("half of the load")
    let half = try comparison.runAtHalfLoad(ingest)
    progress("\(decimal(configuration.idleSeconds, digits: 0)) s with nothing sent")
    let idle = try Idle.measure(router, seconds: configuration.idleSeconds)
    router.stop()
    progress("functions alone")
    let micro = try MicroCommand.measure(seconds: configuration.isQuick ? 0.01 : 0.1)
    return RouterResults(
      ingest: ingest, missing: missing, halfLoad: half, crowd: crowd, idleSeconds: idle, micro: micro)
  }
}
