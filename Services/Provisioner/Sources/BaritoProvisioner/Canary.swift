import BaritoCore
import BaritoService
import Lifecycle
import Logging

/// Keeps a canary in every group that is active: a line each half a minute goes the way of every line, and what becomes of
/// it is measured. Of several Provisioners one does it.
struct Canary: Service {
  let profiles: ProfileFeed
  let way: ProbeWay
  let metrics: CanaryMetrics
  let clock: ServiceClock
  let logger: Logger
  let interval: Duration
  let deadline: Duration
  /// Whether this Provisioner is the one.
  let isElected: @Sendable () async -> Bool

  /// How soon a new group has one.
  var round: Duration = .seconds(5)

  func run() async throws {
    await withDiscardingTaskGroup { group in
      var running: [ClusterName: (endpoints: ClusterEndpoints, stop: GracefulShutdown)] = [:]
      while !GracefulShutdown.current.isRequested {
        let wanted = await isElected() ? profiles.read { Canary.groups(in: $0) } : [:]
        for (cluster, canary) in running where wanted[cluster] != canary.endpoints {
          canary.stop.request()
          running[cluster] = nil
          if wanted[cluster] == nil { metrics.remove(cluster) }
        }
        for (cluster, endpoints) in wanted where running[cluster] == nil {
          let stop = GracefulShutdown()
          running[cluster] = (endpoints, stop)
          let canary = GroupCanary(
            cluster: cluster, endpoints: endpoints, way: way, metrics: metrics, clock: clock, logger: logger)
          group.addTask {
            await GracefulShutdown.$current.withValue(stop) { await canary.run(interval: interval, deadline: deadline) }
          }
        }
        await sleepUntilGracefulShutdown(round)
      }
      for canary in running.values { canary.stop.request() }
    }
  }

  /// The groups that take lines, and where they do.
  static func groups(in profiles: borrowing ProfileDirectory) -> [ClusterName: ClusterEndpoints] {
    var groups: [ClusterName: ClusterEndpoints] = [:]
    for (name, group) in profiles.groups where group.status == .active && !group.isDeleted {
      groups[name] = group.cluster
    }
    return groups
  }
}
