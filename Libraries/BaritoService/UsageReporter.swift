import BaritoCore
public import Kafka
public import Lifecycle
public import Logging

/// Tells Market every two seconds what was counted, through Kafka. What cannot be told goes with the next report.
public final class UsageReporter: Service {
  private let service: String
  private let instance: String
  private let usage: UsageCounter
  private let profiles: ProfileFeed
  private let producer: KafkaProducer
  private let clock: ServiceClock
  private let logger: Logger

  static let interval: Duration = .seconds(2)

  /// - Parameters:
  ///   - service: as `UsageReport.service` names it.
  ///   - producer: of the platform's Kafka.
  public init(
    service: String, instance: String, usage: UsageCounter, profiles: ProfileFeed, producer: KafkaProducer,
    clock: ServiceClock, logger: Logger
  ) {
    self.service = service
    self.instance = instance
    self.usage = usage
    self.profiles = profiles
    self.producer = producer
    self.clock = clock
    self.logger = logger
  }

  public func run() async throws {
    while await sleepUntilGracefulShutdown(UsageReporter.interval) { await report() }
    await report()
    _ = await producer.close(within: .seconds(5))
  }

  private func report() async {
    let now = clock.wallMilliseconds
    let (from, counted) = usage.take(now: now)
    let used = usage.secrets.take(now: now)
    guard !counted.isEmpty || !used.isEmpty else { return }
    // All at once: with Kafka away a report takes the producer's time-out, however many groups there are.
    await withDiscardingTaskGroup { tasks in
      for (cluster, part) in group(counted, used) {
        let report = UsageReport(
          service: service, instance: instance, clusterName: cluster, from: from, to: now, apps: part.apps,
          secrets: part.secrets.isEmpty ? nil : part.secrets)
        tasks.addTask { await self.tell(report) }
      }
    }
  }

  private func tell(_ report: UsageReport) async {
    do {
      try await send(report)
    } catch {
      usage.putBack(report.apps, from: report.from)
      usage.secrets.putBack(report.secrets ?? [])
      logger.debug("usage could not be reported, it goes with the next report", ["error": "\(error)"])
    }
  }

  /// What there is to tell of a group.
  private struct Part {
    var apps: [AppUsage] = []
    var secrets: [SecretUse] = []
  }

  private func group(_ counted: [AppUsage], _ used: [SecretUse]) -> [ClusterName: Part] {
    profiles.read { directory in
      // An app that was deleted meanwhile has no group any more, and nobody asks for its usage. So with secrets.
      var groups: [ClusterName: Part] = [:]
      for usage in counted {
        guard let app = directory.apps[usage.app] else { continue }
        groups[app.clusterName, default: Part()].apps.append(usage)
      }
      for use in used {
        let group = directory.app(secret: use.secret)?.clusterName ?? directory.group(secret: use.secret)?.clusterName
        if let group { groups[group, default: Part()].secrets.append(use) }
      }
      return groups
    }
  }

  private func send(_ report: UsageReport) async throws {
    let key = Array(report.clusterName.rawValue.utf8)
    let value = try WireJSON.encode(report)
    let ticket = DeliveryTicket()
    try producer.produce(
      [ProducerMessage(value: key.count..<key.count + value.count, key: 0..<key.count)], in: (key + value).span,
      to: PlatformTopic.usage, ticket: ticket)
    try await ticket.result.get()
  }
}
