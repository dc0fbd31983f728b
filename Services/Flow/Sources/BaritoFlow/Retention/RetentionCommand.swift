import BaritoCore
import BaritoService
import Kafka
import Logging
import Settings

/// `barito-flow retention`: deletes what is due now, or says what that would be.
enum RetentionCommand {
  static let name = "retention"

  static let dryRun = Setting(
    "dry-run", Bool.self, default: false, "Only say what would be deleted, and why.")

  static let program = Program(
    name, "Delete the indices of days that are past their app's retention now, and say which.", settings: [dryRun],
    examples: [("barito-flow retention --dry-run", "says what would be deleted, and why")])

  @Sendable static func run(_ configuration: FlowConfiguration, _ context: ServiceContext) async throws {
    let market = MarketClient(url: configuration.marketURL, token: configuration.serviceToken, clients: 1)
    let profiles = try await profiles(of: market)
    let topics = configuration.retention.unknownDays == nil ? [] : try await topics(configuration, context)
    let rules = RetentionRules(
      profiles, naming: configuration.naming, group: configuration.retention.group, topics: topics,
      unknownDays: configuration.retention.unknownDays)
    let sweep = RetentionSweep(
      elasticsearch: ElasticsearchClient(
        url: configuration.elasticsearchURL, authorization: configuration.elasticsearchAuthorization, clients: 1,
        timeout: configuration.elasticsearchTimeout),
      naming: configuration.naming)
    let plan = try await sweep.plan(rules, now: context.clock.wallMilliseconds)
    let isDry = configuration.retention.isDryRun
    if isDry { ProgramOutput.print(report(plan, rules)) }
    for list in isDry ? [] : plan.lists {
      try await sweep.delete(list)
      ProgramOutput.print(list.map { "deleted \($0)\n" }.joined())
    }
  }

  /// What would be deleted, a line each.
  static func report(_ plan: RetentionPlan, _ rules: RetentionRules) -> String {
    let lines = plan.deletions.map { deletion in
      "\(deletion.index): its day ended \(deletion.age) days ago, and is kept for \(deletion.days)\n"
    }
    return lines.joined()
      + "\(plan.deletions.count) indices would be deleted; \(rules.days.count) apps have their days\n"
  }

  private static func topics(_ configuration: FlowConfiguration, _ context: ServiceContext) async throws -> [String] {
    let admin = try KafkaAdmin(configuration.watcherKafka, logger: context.logger)
    let topics = try await admin.topics().keys.sorted()
    await admin.close(within: .seconds(5))
    return topics
  }

  /// All that Market knows now.
  private static func profiles(of market: MarketClient) async throws -> ProfileDirectory {
    var directory = ProfileDirectory()
    while true {
      let page = try await market.get(
        InternalAPI.profiles(after: directory.version, wait: 0), timeout: .seconds(30), as: ProfilePage.self)
      directory.apply(page)
      if !page.more { return directory }
    }
  }
}
