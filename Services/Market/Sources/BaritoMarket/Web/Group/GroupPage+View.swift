import HTML

extension GroupPage {
  func content(in context: PageContext) -> HTML {
    let facts: HTML = """
      <dl class="facts inline"><div><dt>Cluster</dt><dd><code>\(clusterName)</code></dd></div>\
      <div><dt>Size</dt><dd>\(template), up to \(Quantity.linesPerSecond(Double(maxTPS)))</dd></div></dl>
      """
    let retry = mayRetry ? MarketRoutes.retryGroup(clusterName) : nil
    let provisioning = Self.stepsFragment(steps, retry: retry, csrf: context.csrf, now: context.now).placed()
    let componentPart = Self.componentsFragment(components, now: context.now).placed()
    return """
      \(facts)\(provisioning, if: !isProvisioned)\(appPart(context.now))\(componentPart)\(limitsPart(context))\
      \(RedactionPage.section(redaction, isInherited: false, path: MarketRoutes.groupRedaction(clusterName)))\(memberPart)\
      \(provisioning, if: isProvisioned)
      """
  }

  private func limitsPart(_ context: PageContext) -> HTML {
    guard let form = limitsForm else { return "" }
    let fields = form.fields(
      linesHint: "Of all apps together. Apps without a limit of their own share what the others leave.",
      bytesHint: "Of documents as they are stored. Left empty, bytes are not limited.")
    return LimitsForm.section(to: MarketRoutes.groupLimits(clusterName), context.csrf, fields)
  }

  /// The badge beside the name.
  static func stateFragment(_ meaning: Meaning, _ word: String) -> LiveFragment {
    LiveFragment(name: "state", html: UI.statusBadge(meaning, word))
  }

  /// How far its cluster is.
  /// - Parameter retry: where the form goes that has a failed step tried again; nil when that cannot be asked for.
  static func stepsFragment(_ steps: [Step], retry: String?, csrf: CSRFToken, now: Moment) -> LiveFragment {
    let again: HTML? = retry.map { UI.form(to: $0, csrf: csrf, "<button class=\"button\">Try again</button>") }
    let html: HTML = """
      <section aria-labelledby="steps"><div class="title"><h2 id="steps">Provisioning</h2>\
      <div class="actions">\(again)</div></div><ol class="steps">\(steps.map { step($0, now) })</ol></section>
      """
    return LiveFragment(name: "steps", html: steps.isEmpty ? "" : html)
  }

  private static func step(_ step: Step, _ now: Moment) -> HTML {
    let (meaning, word): (Meaning, String) =
      switch step.state {
      case .waiting: (.unknown, "Waiting")
      case .running: (.unknown, "Running")
      case .finished: (.good, "Finished")
      case .failed: (.bad, "Failed")
      }
    let time = step.startedAt.map { start -> HTML in
      guard let end = step.finishedAt else { return "since \(UI.relativeTime(start, now: now))" }
      let length = Quantity.duration(milliseconds: end.milliseconds - start.milliseconds)
      return "<span class=\"number\" title=\"\(start.utc) to \(end.utc)\">\(length)</span>"
    }
    return """
      <li data-state="\(step.state.rawValue)" data-meaning="\(meaning.rawValue)">\(UI.icon(meaning))\
      <div><strong>\(step.name)</strong>\("<p>\(step.detail)</p>", if: !step.detail.isEmpty)</div>\
      <span class="quiet">\(word)</span><span class="quiet when">\(time)</span></li>
      """
  }

  private func appPart(_ now: Moment) -> HTML {
    let register = UI.mainAction("Register app", to: MarketRoutes.register(inGroup: clusterName))
    guard !apps.isEmpty else {
      return UI.emptyState(
        "No app in this group yet", "Register one: it gets a topic, an index and a secret of its own.",
        action: mayRegister ? register : nil)
    }
    let rows = apps.map { app -> HTML in
      """
      <tr><th scope="row"><a href="\(MarketRoutes.app(app.id))">\(app.name)</a></th>\
      <td>\(UI.statusBadge(app.state.meaning, app.state.word))</td>\
      <td class="number" data-label="lines/s">\(app.linesPerSecond.map(Quantity.number) ?? "–")</td>\
      <td>\(UI.relativeTime(app.lastLineAt, now: now, otherwise: "never"))</td></tr>
      """
    }
    return """
      <section aria-labelledby="apps"><h2 id="apps">Apps</h2>\
      <div class="scroll" tabindex="0" role="region" aria-labelledby="apps"><table class="rows"><thead><tr>\
      <th scope="col">App</th><th scope="col">State</th><th scope="col" class="number">Lines/s</th>\
      <th scope="col">Last line</th></tr></thead><tbody>\(rows)</tbody></table></div></section>
      """
  }

  /// What runs for it.
  static func componentsFragment(_ components: [ComponentRow], now: Moment) -> LiveFragment {
    let rows = components.map { component -> HTML in
      """
      <tr><th scope="row">\(component.name)<span class="quiet">\(component.kind)</span></th>\
      <td>\(UI.statusBadge(component.meaning, component.state))</td><td><code>\(component.host)</code></td>\
      <td class="words">\(component.message)</td></tr>
      """
    }
    let html: HTML = """
      <section aria-labelledby="components"><h2 id="components">Components</h2>\
      <div class="scroll" tabindex="0" role="region" aria-labelledby="components"><table class="rows"><thead><tr>\
      <th scope="col">Component</th><th scope="col">State</th><th scope="col">Address</th><th scope="col">Message</th>\
      </tr></thead><tbody>\(rows)</tbody></table></div></section>
      """
    return LiveFragment(name: "components", html: components.isEmpty ? "" : html)
  }

  private var memberPart: HTML {
    let rows = members.map { member -> HTML in
      "<li><div>\(member.userName)</div><div class=\"quiet\">\(member.role)</div></li>"
    }
    let none: HTML = "<p class=\"hint\">Nobody yet. Administrators see the group all the same.</p>"
    return """
      <section aria-labelledby="members"><h2 id="members">Members</h2>\
      \(members.isEmpty ? none : "<ul class=\"list\">\(rows)</ul>")</section>
      """
  }
}
