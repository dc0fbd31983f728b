import BaritoCore
import HTTP
import Redaction

/// What is taken out of lines: the rules of apps and groups, and a place to try them.
extension WebController {
  var redactionRoutes: [WebRoute] {
    let app: @Sendable (HTTPRequest) -> String = { MarketRoutes.appRedaction($0.parameters["id"] ?? "") }
    let group: @Sendable (HTTPRequest) -> String = {
      MarketRoutes.groupRedaction($0.parameters["cluster_name"] ?? "")
    }
    return [
      .get(MarketRoutes.appRedactionPattern) { try await render(try await appRedaction($0), $0) },
      .post(MarketRoutes.appRedactionPattern, page: app) { call in
        let (id, principal) = (try call.appID, try call.principal)
        return try await redactionTyped(try await appRedaction(call), call) { rules, lines in
          try await services.redaction.attempt(rules, on: lines, of: id, by: principal)
        } add: { rule in
          _ = try await services.redaction.change(id, by: principal) { $0.effective + [rule] }
        }
      },
      .post(MarketRoutes.removeAppRedactionPattern, page: app) { call in
        let (id, name, principal) = (try call.appID, call.typed(RedactionPage.Form.name), try call.principal)
        return try await change(on: MarketRoutes.appRedaction("\(id)"), call, done: "The rule is removed.") {
          _ = try await services.redaction.change(id, by: principal) { $0.effective.filter { $0.name != name } }
        }
      },
      .post(MarketRoutes.inheritRedactionPattern, page: app) { call in
        let (id, principal) = (try call.appID, try call.principal)
        return try await change(on: MarketRoutes.appRedaction("\(id)"), call, done: "The group's rules hold.") {
          _ = try await services.redaction.change(id, by: principal) { _ in nil }
        }
      },
      .get(MarketRoutes.groupRedactionPattern) { try await render(try await groupRedaction($0), $0) },
      .post(MarketRoutes.groupRedactionPattern, page: group) { call in
        let (cluster, principal) = (call.cluster, try call.principal)
        return try await redactionTyped(try await groupRedaction(call), call) { rules, lines in
          try await services.redaction.attempt(rules, on: lines, of: cluster, by: principal)
        } add: { rule in
          _ = try await services.redaction.change(cluster, by: principal) { $0 + [rule] }
        }
      },
      .post(MarketRoutes.removeGroupRedactionPattern, page: group) { call in
        let (cluster, name, principal) = (call.cluster, call.typed(RedactionPage.Form.name), try call.principal)
        return try await change(
          on: MarketRoutes.groupRedaction(cluster.rawValue), call, done: "The rule is removed."
        ) {
          _ = try await services.redaction.change(cluster, by: principal) { $0.filter { $0.name != name } }
        }
      },
    ]
  }

  private func appRedaction(_ call: WebCall) async throws -> RedactionPage {
    let (id, principal) = (try call.appID, try call.principal)
    let detail = try await services.apps.find(id, principal)
    let rules = try await services.redaction.find(id, principal)
    let siblings = try await services.apps.list(in: detail.group.clusterName, principal)
    return RedactionPage(
      name: detail.app.name, home: MarketRoutes.app("\(id)"), path: MarketRoutes.appRedaction("\(id)"),
      group: try await navigation(detail.group, apps: siblings, current: id, now: services.clock()), isApp: true,
      rules: rules.effective, isInherited: rules.own == nil,
      mayChange: Policy.allows(.changeApp, to: principal, role: detail.role))
  }

  private func groupRedaction(_ call: WebCall) async throws -> RedactionPage {
    let (cluster, principal) = (call.cluster, try call.principal)
    let detail = try await services.groups.find(cluster, principal)
    let apps = try await services.apps.list(in: cluster, principal)
    return RedactionPage(
      name: detail.group.name, home: MarketRoutes.group(cluster.rawValue),
      path: MarketRoutes.groupRedaction(cluster.rawValue),
      group: try await navigation(detail.group, apps: apps, now: services.clock()), isApp: false,
      rules: detail.group.redaction, mayChange: Policy.allows(.changeGroup, to: principal, role: detail.role))
  }

  /// Tries what was typed, or adds it.
  private func redactionTyped(
    _ known: RedactionPage, _ call: WebCall,
    attempt: ([RedactionRule], [String]) async throws -> RedactionTrial, add: (RedactionRule) async throws -> Void
  ) async throws -> HTTPResponse {
    typealias Form = RedactionPage.Form
    guard known.mayChange else {
      throw MarketError(.forbidden, "Only those who set limits set what is redacted. Ask an owner of the group.")
    }
    var page = known
    page.typed = RedactionPage.Typed(
      name: call.text(Form.name), pattern: call.typed(Form.pattern), path: call.text(Form.path),
      hintStart: call.text(Form.hintStart), hintEnd: call.text(Form.hintEnd), sample: call.typed(Form.sample))
    let isTrial = call.typed(Form.action) == Form.attempt
    var draft = RedactionDraft(page.typed)
    if isTrial, draft.lines.isEmpty {
      draft.errors.add("There is no sample. Paste a line or a few, as they are sent.", to: Form.sample)
    }
    if !isTrial, draft.rule == nil {
      draft.errors.add("The rule has no name. Write what stands in the line instead, for example CARD.", to: Form.name)
    }
    page.errors = draft.errors
    guard page.errors.isEmpty else { return try await render(page, call, status: 422) }
    do {
      if isTrial {
        page.trial = try await attempt(page.rules + [draft.rule].compactMap(\.self), draft.lines)
        return try await render(page, call)
      }
      if let rule = draft.rule { try await add(rule) }
      return try redirect(
        with: Note(page: page.path, text: "The rule holds from now on, in Flow and Tail within seconds."), call)
    } catch let error as MarketError where error.code == .invalid || error.code == .conflict {
      let fields = [Form.name, Form.pattern, Form.path, Form.hintStart, Form.hintEnd]
      let names = fields.map { ("rules[\(page.rules.count)].\($0)", $0) } + [("lines", Form.sample), ("rules", "")]
      page.errors = FormErrors(error, Dictionary(names) { first, _ in first })
      return try await render(page, call, status: error.code.httpStatus)
    }
  }
}

/// The rule that a form describes. Pure: says what is missing or no number; what may be is for the operations.
struct RedactionDraft: Sendable {
  /// Nil where nothing of a rule was typed.
  var rule: RedactionRule?
  var lines: [String]
  var errors = FormErrors()

  init(_ typed: RedactionPage.Typed) {
    typealias Form = RedactionPage.Form
    lines = typed.sample.split(whereSeparator: \.isNewline).map(String.init)
    if typed.name.isEmpty, typed.pattern.isEmpty, typed.path.isEmpty { return }
    if !typed.pattern.isEmpty, !typed.path.isEmpty {
      errors.add("A rule has a pattern or a path, not both. Make two rules of it.", to: Form.path)
    }
    let target: RedactionRule.Target = typed.path.isEmpty ? .pattern(typed.pattern) : .path(typed.path)
    rule = RedactionRule(
      name: typed.name, target, hintStart: number(typed.hintStart, Form.hintStart),
      hintEnd: number(typed.hintEnd, Form.hintEnd))
  }

  private mutating func number(_ text: String, _ field: String) -> Int {
    if text.isEmpty { return 0 }
    if let number = Int(text), number >= 0 { return number }
    errors.add("“\(text)” is not a whole number. Write how many characters are left, for example 2.", to: field)
    return 0
  }
}
