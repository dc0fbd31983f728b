import BaritoCore
import Testing

@testable import BaritoFlow

@Suite struct RetentionPlanTests {
  private static let today = IndexDay.day(at: 1_795_996_800_000)  // 2026-11-30

  private func day(_ number: Int) -> String {
    var name: [UInt8] = []
    Timestamp(milliseconds: Int64(number) * IndexDay.millisecondsPerDay)?.appendDay(to: &name)
    return String(decoding: name, as: UTF8.self)
  }

  @Test("only a name that ends with a day that exists is taken apart")
  func names() {
    #expect(IndexDay("shop-2026.11.30") == IndexDay("shop-2026.11.30"))
    #expect(IndexDay("shop-2026.11.30")?.prefix == "shop")
    #expect(IndexDay("a-b.c-1970.01.02")?.day == 1 && IndexDay("a-b.c-1970.01.02")?.prefix == "a-b.c")
    for name in [
      "shop", "shop-2026.11", "shop-2026.11.31", "shop-2026.13.01", "shop-2026-11-30", "shop2026.11.30", "-2026.11.30",
      "2026.11.30", "shop-2026.11.30-1", "shop-2026.11.3", "shop-0000.01.01", "shop-+026.11.30", "",
    ] {
      #expect(IndexDay(name) == nil, "\(name)")
    }
    #expect(day(Self.today) == "2026.11.30" && IndexDay.day(at: -1) == -1 && IndexDay.day(at: 0) == 0)
  }

  @Test("a line of the day's last second has its days too")
  func lastSecond() {
    var rules = RetentionRules()
    rules.keep("shop", days: 1)
    func due(_ back: Int) -> Bool {
      !RetentionPlan(["shop-\(day(Self.today - back))"], rules, today: Self.today).deletions.isEmpty
    }
    #expect(!due(0) && !due(1) && due(2) && due(3) && !due(-1) && !due(-400))
  }

  @Test("the quarantine of a day goes with the day, and everybody else's indices stay")
  func others() {
    var rules = RetentionRules()
    rules.keep("Shop", days: 7)
    rules.keep("barito-quarantine-x", days: 30)
    rules.keep("x", days: 3)
    rules.keep(".kibana", days: 1)
    rules.keep("a,b*", days: 1)
    rules.keep("nothing", days: 0)
    let old = day(Self.today - 8)
    let plan = RetentionPlan(
      [
        "shop-\(old)", "barito-quarantine-shop-\(old)", "shop-\(day(Self.today - 7))", "shop-api-\(old)", "shop",
        "other-\(old)", "barito-quarantine-other-\(old)", ".kibana-\(old)", "a,b*-\(old)", "nothing-\(old)",
        "logs-\(old)-shop", ".ds-shop-\(old)-000001", "barito-quarantine-x-\(old)", "x-\(old)",
        "partial-shop-\(old)", "SHOP-\(old)",
      ], rules, today: Self.today)
    #expect(plan.deletions.map(\.index) == ["barito-quarantine-shop-\(old)", "shop-\(old)", "x-\(old)"])
    #expect(plan.deletions[1] == RetentionPlan.Deletion(index: "shop-\(old)", age: 7, days: 7))
  }

  @Test("without profiles there are no apps, so nothing is deleted")
  func empty() {
    let rules = RetentionRules(
      ProfileDirectory(), naming: TopicNaming(), group: nil, topics: ["shop_logs"], unknownDays: nil)
    #expect(
      RetentionPlan(["shop-2001.01.01", "barito-quarantine-shop-2001.01.01"], rules, today: Self.today).deletions == [])
  }

  private func profiles() -> ProfileDirectory {
    let own = ClusterName("own")
    let other = ClusterName("other")
    let cluster = ClusterEndpoints(kafkaBrokers: "k:1", elasticsearchURL: "http://e:1")
    var directory = ProfileDirectory()
    directory.apply(
      ProfilePage(
        version: 1,
        groups: [
          GroupProfile(clusterName: own, name: "Own", status: .active, cluster: cluster),
          GroupProfile(clusterName: other, name: "Other", status: .active, cluster: cluster),
          GroupProfile(clusterName: ClusterName("new"), name: "New", status: .pending),
        ],
        apps: [
          AppProfile(id: AppID(1), clusterName: own, name: "Shop", topicName: "shop", retentionDays: 3),
          AppProfile(id: AppID(2), clusterName: other, name: "Shop", topicName: "shop", retentionDays: 9),
          AppProfile(id: AppID(3), clusterName: other, name: "Api", topicName: "api", retentionDays: 1),
          AppProfile(id: AppID(4), clusterName: ClusterName("new"), name: "X", topicName: "x", retentionDays: 1),
        ]))
    return directory
  }

  @Test("apps of other clusters do not count where the group is named; else the longer time holds")
  func groups() {
    func rules(_ group: String?, _ unknown: Int? = nil) -> RetentionRules {
      RetentionRules(
        profiles(), naming: TopicNaming(), group: group.map { ClusterName($0) },
        topics: ["shop_logs", "old_logs", "new_topic_events"], unknownDays: unknown)
    }
    #expect(rules("own").days == ["shop": 3])
    #expect(rules(nil).days == ["shop": 9, "api": 1])
    #expect(rules("nobody").days == [:])
    #expect(rules("own").days(of: "old") == nil && rules("own", 5).days(of: "old") == 5)
    #expect(rules("own", 5).days(of: "shop") == 3 && rules("own", 5).days(of: "api") == nil)
    let prefixed = RetentionRules(
      profiles(), naming: TopicNaming(prefix: "c."), group: nil, topics: ["c.old_logs", "shop_logs"], unknownDays: 2)
    #expect(prefixed.days == [:] && prefixed.days(of: "c.old") == 2 && prefixed.days(of: "shop") == nil)
  }

  @Test("whatever indices there are, only old ones of known apps go, and all of those", arguments: 0..<200)
  func property(seed: Int) {
    var random = Seeded(UInt64(seed))
    let prefixes = ["a", "a-b", "a-2020.01.01", "c.d", "barito-quarantine-a", "zz", "é", ".s"]
    var rules = RetentionRules()
    var days: [String: Int] = [:]
    for prefix in prefixes where Bool.random(using: &random) {
      let count = Int.random(in: -1...20, using: &random)
      rules.keep(prefix, days: count)
      if count >= 1, prefix != "é", prefix != ".s" { days[prefix] = count }
    }
    if Bool.random(using: &random) {
      rules.unknownDays = 2
      rules.keep(unknown: "zz")
      if days["zz"] == nil { days["zz"] = 2 }
    }
    var indices: Set<String> = []
    var due: Set<String> = []
    for prefix in prefixes {
      for back in -3...25 where Bool.random(using: &random) {
        for isQuarantine in [false, true] {
          let name = (isQuarantine ? "barito-quarantine-" : "") + "\(prefix)-\(day(Self.today - back))"
          indices.insert(name)
          // Whose it may be: by its whole name, and as a quarantine.
          let owner = isQuarantine ? "barito-quarantine-" + prefix : prefix
          let quarantined = owner.hasPrefix("barito-quarantine-") ? String(owner.dropFirst(18)) : nil
          let kept = max(days[owner] ?? 0, quarantined.flatMap { days[$0] } ?? 0)
          if kept > 0, back > kept { due.insert(name) }
        }
        indices.insert("\(prefix)-\(back)")
      }
    }
    let plan = RetentionPlan(indices.sorted(), rules, today: Self.today)
    #expect(Set(plan.deletions.map(\.index)) == due)
    #expect(plan.deletions.allSatisfy { IndexDay($0.index).map { $0.day < Self.today - 1 } ?? false })
    #expect(plan.lists.flatMap(\.self).sorted() == due.sorted())
  }

  @Test("a request names few enough indices for its first line")
  func lists() {
    let names = (0..<500).map { String(repeating: "n", count: 20 + $0 % 240) + "-\($0)" }
    let lists = IndexLists.lists(names)
    #expect(lists.flatMap(\.self) == names)
    #expect(lists.allSatisfy { $0.count <= 50 && $0.joined(separator: ",").utf8.count <= 3_000 })
    #expect(IndexLists.lists([]) == [])
  }
}
