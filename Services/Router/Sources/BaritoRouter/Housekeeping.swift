import BaritoCore
import BaritoService
import Lifecycle

/// Lets go of what was kept for apps and clusters that are no more, so that memory follows what there is and not what
/// there ever was.
struct Housekeeping: Service {
  let profiles: ProfileFeed
  let clusters: Clusters
  let limiter: IngestLimiter
  var clock = ServiceClock.system

  static let interval: Duration = .seconds(60)

  func run() async {
    while await sleepUntilGracefulShutdown(Housekeeping.interval) { await tidy() }
  }

  func tidy() async {
    let known = clusters.topics
    let (apps, groups, topics) = profiles.read { directory in
      var topics: [String: Set<String>] = [:]
      for group in directory.groups.values {
        if let cluster = group.cluster { topics[cluster.kafkaBrokers] = [] }
      }
      for app in directory.apps.values {
        guard let cluster = directory.groups[app.clusterName]?.cluster, let inUse = known[cluster.kafkaBrokers] else {
          continue
        }
        let topic = cluster.naming.topic(for: app.topicName)
        // Of very many apps few send through this Router.
        if inUse.contains(topic) { topics[cluster.kafkaBrokers, default: []].insert(topic) }
      }
      return (Set(directory.apps.keys), Set(directory.groups.keys), topics)
    }
    limiter.keep(apps, groups, now: clock.monotonicNanoseconds)
    await clusters.keep(topics)
  }
}
