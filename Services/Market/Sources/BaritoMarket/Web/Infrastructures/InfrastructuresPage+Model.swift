import HTML

/// What is wrong anywhere? All groups, those in trouble first.
struct InfrastructuresPage: Page {
  /// In the order of ``sorted(_:)``.
  var groups: [Group]

  struct Group: Sendable {
    var clusterName: String
    var name: String
    var template: String
    var meaning: Meaning
    var status: String
    var appCount: Int
    var linesPerSecond: Double?
    var components: [GroupPage.ComponentRow]
    /// What is wrong with the group as a whole; empty when nothing is.
    var message = ""

    var troubled: [GroupPage.ComponentRow] { components.filter { $0.meaning == .bad || $0.meaning == .warning } }
  }

  var title: String { "Infrastructures" }
  var state: HTML {
    guard !groups.isEmpty else { return "" }
    let troubled = groups.count { $0.meaning == .bad || $0.meaning == .warning }
    let total = Quantity.count(groups.count, "group")
    return troubled == 0
      ? UI.statusBadge(.good, "\(total), nothing wrong")
      : UI.statusBadge(.bad, "\(Quantity.grouped(troubled)) of \(total) need\(troubled == 1 ? "s" : "") a look")
  }

  /// Bad before warning before unknown before good; among equals those with more broken components, then by name.
  static func sorted(_ groups: [Group]) -> [Group] {
    let order: [Meaning] = [.bad, .warning, .unknown, .good]
    return groups.sorted { first, second in
      let ranks = (order.firstIndex(of: first.meaning) ?? 0, order.firstIndex(of: second.meaning) ?? 0)
      if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
      if first.troubled.count != second.troubled.count { return first.troubled.count > second.troubled.count }
      return (first.name, first.clusterName) < (second.name, second.clusterName)
    }
  }
}
