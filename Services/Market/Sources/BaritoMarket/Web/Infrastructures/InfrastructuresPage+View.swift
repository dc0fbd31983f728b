import HTML

extension InfrastructuresPage {
  func content(in context: PageContext) -> HTML {
    guard !groups.isEmpty else {
      return UI.emptyState(
        "No group is provisioned", "The first one is made with the first app that is registered.",
        action: UI.mainAction("Register app", to: MarketRoutes.register))
    }
    return "<div class=\"infrastructures\">\(groups.map { row($0) })</div>"
  }

  // A group in trouble is open already.
  private func row(_ group: Group) -> HTML {
    let troubled = group.troubled
    let up: HTML =
      group.components.isEmpty
      ? "no components" : "\(group.components.count { $0.meaning == .good }) of \(group.components.count) set up"
    return """
      <details\(" open", if: !troubled.isEmpty || !group.message.isEmpty)><summary><span class="who"><strong>\(group.name)</strong>\
      <code class="quiet">\(group.clusterName)</code></span>\(UI.statusBadge(group.meaning, group.status))\
      <span class="quiet">\(group.template)</span><span class="quiet \
      number">\(Quantity.count(group.appCount, "app"))</span>\
      <span class="quiet number">\(group.linesPerSecond.map(Quantity.linesPerSecond) ?? "–")</span>\
      <span class="quiet number">\(up)</span></summary>\("<p class=\"bad\">\(group.message)</p>", if: !group.message.isEmpty)\(components(of: group))</details>
      """
  }

  private func components(of group: Group) -> HTML {
    let worstFirst = group.troubled + group.components.filter { $0.meaning != .bad && $0.meaning != .warning }
    let rows = worstFirst.map { component -> HTML in
      """
      <tr><th scope="row">\(component.name)</th><td>\(UI.statusBadge(component.meaning, component.state))</td>\
      <td><code>\(component.host)</code></td><td class="words">\(component.message)</td></tr>
      """
    }
    let table: HTML = """
      <div class="scroll" tabindex="0" role="region" aria-label="Components of \(group.name)"><table class="rows \
      compact">\
      <thead class="unseen"><tr><th scope="col">Component</th><th scope="col">State</th><th scope="col">Address</th>\
      <th scope="col">Message</th></tr></thead><tbody>\(rows)</tbody></table></div>
      """
    let link: HTML = "<p><a href=\"\(MarketRoutes.group(group.clusterName))\">Open the group</a></p>"
    return "\(group.components.isEmpty ? "<p class=\"hint\">It has no components of its own.</p>" : table)\(link)"
  }
}
