import HTML

extension RegisterPage {
  func content(in context: PageContext) -> HTML {
    guard !groups.isEmpty || !templates.isEmpty else {
      return UI.emptyState(
        "You are not a member of a group",
        "Ask the owner of your team's group to add you; then you register apps here.",
        action: "<a class=\"button\" href=\"\(MarketRoutes.myApps)\">Back to my apps</a>")
    }
    let submit: HTML = """
      <div class="submit"><button class="button primary">Register app</button>\
      <p class="quiet">Next you get the secret and what to paste.</p></div>
      """
    return UI.form(
      to: MarketRoutes.register, csrf: context.csrf, isMultiField: true,
      "\(errors.summary)\(appFields)\(groupFields)\(limitFields)\(submit)")
  }

  private var appFields: HTML {
    let topic = topic(for: typed.appName.isEmpty ? "payments api" : typed.appName)
    let hint: HTML = """
      Letters, digits, spaces, - and _. Its topic becomes <code data-topic \
      data-suffix="\(topicSuffix)">\(topic)</code>.
      """
    return Field(
      name: Form.appName, label: "App name", value: typed.appName, hint: hint, error: errors[Form.appName],
      isRequired: true,
      attributes: " placeholder=\"payments api\" maxlength=\"64\" data-topic-source"
        + (errors.isEmpty || errors[Form.appName] != nil ? " autofocus" : "")
    ).html
  }

  private var groupFields: HTML {
    """
    <fieldset class="choice" id="\(Form.group)"\(" data-invalid", if: errors[Form.group] != nil)><legend>Group</legend>\
    <p class="hint">A group is a logging cluster of a team's own: its Kafka, its Elasticsearch, its Kibana.</p>\
    <div class="options">\(groups.map(existing))\(newGroupOption, if: !templates.isEmpty)</div>\
    \(Field.message(errors[Form.group], for: Form.group))</fieldset>\(newGroupFields, if: !templates.isEmpty)
    """
  }

  private func existing(_ group: GroupChoice) -> HTML {
    option(
      Form.group, group.clusterName, isChosen: chosenGroup == group.clusterName,
      title: "\(group.name)\(group.trouble.map { UI.statusBadge($0.meaning, $0.word) })",
      detail: "\(Quantity.count(group.appCount, "app")), up to \(Quantity.linesPerSecond(Double(group.maxTPS)))")
  }

  private var newGroupOption: HTML {
    option(
      Form.group, Form.newGroup, isChosen: chosenGroup == Form.newGroup, title: "New group",
      detail: "Provisioned for you in a few minutes")
  }

  private func option(_ name: String, _ value: String, isChosen: Bool, title: HTML, detail: HTML) -> HTML {
    """
    <label class="option"><input type="radio" name="\(name)" value="\(value)"\(" checked", if: isChosen)>\
    <span><strong>\(title)</strong><span class="quiet">\(detail)</span></span></label>
    """
  }

  // Shown while "New group" is chosen; the stylesheet does that.
  private var newGroupFields: HTML {
    let name = Field(
      name: Form.groupName, label: "Group name", value: typed.groupName, hint: "As your team is called.",
      error: errors[Form.groupName], isRequired: true, attributes: " maxlength=\"64\"")
    let speed = Field(
      name: Form.groupMaxTPS, label: "Lines per second, at most", value: typed.groupMaxTPS,
      hint: volumeHint(of: typed.groupMaxTPS), error: errors[Form.groupMaxTPS], isRequired: true, inputMode: "numeric",
      unit: "lines/s", attributes: " data-volume-source placeholder=\"2000\"")
    return """
      <div class="new-group stack">\(name.html)<fieldset class="choice" id="\(Form.size)">\
      <legend>Size</legend><p class="hint">It can grow later without a new secret.</p><div class="options three">\
      \(templates.map(template))\(bySpeedOption)</div>\(Field.message(errors[Form.size], for: Form.size))</fieldset>\
      <div class="by-speed">\(speed.html)</div></div>
      """
  }

  private func template(_ template: TemplateChoice) -> HTML {
    let rate = Double(template.maxTPS)
    return option(
      Form.size, template.name, isChosen: chosenSize == template.name, title: "\(template.title)",
      detail: """
        <b>\(Quantity.linesPerSecond(rate))</b>\(Quantity.bytesPerDay(linesPerSecond: rate))<small>\(template.components)</small>
        """)
  }

  private var bySpeedOption: HTML {
    option(
      Form.size, Form.bySpeed, isChosen: chosenSize == Form.bySpeed, title: "By speed",
      detail: "<b>Say how fast</b>The smallest size that carries it")
  }

  /// What a rate that was typed comes to in a day.
  private func volumeHint(of typed: String) -> HTML {
    // What cannot be a rate is answered with the example.
    let rate = Double(typed).flatMap { $0 >= 0 && $0 <= 1e12 ? $0 : nil } ?? 2000
    return """
      <span data-volume data-bytes="\(Int(Quantity.assumedBytesPerLine))">\(Quantity.grouped(Int(rate))) lines/s \
      of \(Int(Quantity.assumedBytesPerLine)) bytes are \(Quantity.bytesPerDay(linesPerSecond: rate)).</span>
      """
  }

  private var limitFields: HTML {
    let limit = Field(
      name: Form.appMaxTPS, label: "Limit of this app", value: typed.appMaxTPS,
      hint:
        "What is above it is refused with 429, so that one app cannot take the whole group. Left empty, the group's own limit.",
      error: errors[Form.appMaxTPS], inputMode: "numeric", unit: "lines/s")
    let retention = Field(
      name: Form.retentionDays, label: "Keep lines for", value: typed.retentionDays,
      hint: "Then its indexes are deleted. Left empty, \(defaultRetentionDays) days.",
      error: errors[Form.retentionDays], inputMode: "numeric",
      unit: "days")
    return "<div class=\"pair\">\(limit.html)\(retention.html)</div>"
  }
}
