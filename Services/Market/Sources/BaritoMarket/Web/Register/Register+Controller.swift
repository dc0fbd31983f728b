import BaritoCore
import HTTP

/// Registration: a group, old or new, and an app in it.
extension WebController {
  func register(_ call: WebCall) async throws -> HTTPResponse {
    var typed = RegisterPage.Typed()
    typed.group = call.request.query.first("group") ?? ""
    return try await render(try await registerPage(typed, call), call)
  }

  func registered(_ call: WebCall) async throws -> HTTPResponse {
    typealias Form = RegisterPage.Form
    var typed = RegisterPage.Typed(
      group: call.typed(Form.group), groupName: call.text(Form.groupName), size: call.typed(Form.size),
      groupMaxTPS: call.text(Form.groupMaxTPS), appName: call.text(Form.appName), appMaxTPS: call.text(Form.appMaxTPS),
      retentionDays: call.text(Form.retentionDays))
    let principal = try call.principal
    var order = RegistrationOrder(typed)
    do {
      if order.errors.isEmpty, case .new(let name, let size) = order.group {
        // What the app alone would be refused for is said before its group is made.
        if let app = order.app { order.check(app, in: try services.groups.template(for: size), services.settings) }
        guard order.errors.isEmpty else { return try await refused(typed, order.errors, call) }
        let group = try await services.groups.create(name: name, size: size, by: principal)
        typed.group = group.clusterName.rawValue
        order.group = .existing(group.clusterName)
      }
    } catch let error as MarketError where error.code == .invalid || error.code == .nameTaken {
      order.errors = FormErrors(
        error, ["name": Form.groupName, "template": Form.size, "max_tps": Form.groupMaxTPS])
    }
    guard order.errors.isEmpty, let app = order.app, case .existing(let cluster) = order.group else {
      return try await refused(typed, order.errors, call)
    }
    do {
      let made = try await services.apps.register(app, in: cluster, by: principal)
      return try redirect(
        with: Note(page: MarketRoutes.app("\(made.detail.app.id)"), secret: made.secret.value), call)
    } catch let error as MarketError where error.code == .invalid || error.code == .nameTaken {
      let names = ["name": Form.appName, "max_tps": Form.appMaxTPS, "retention_days": Form.retentionDays]
      return try await refused(typed, FormErrors(error, names), call)
    } catch let error as MarketError
      where error.code == .tooManyApps || error.code == .notFound || error.code == .forbidden
    {
      return try await refused(typed, [Form.group: error.detail], call)
    }
  }

  private func refused(
    _ typed: RegisterPage.Typed, _ errors: FormErrors, _ call: WebCall
  ) async throws -> HTTPResponse {
    var page = try await registerPage(typed, call)
    page.errors = errors
    return try await render(page, call, status: 422)
  }

  private func registerPage(_ typed: RegisterPage.Typed, _ call: WebCall) async throws -> RegisterPage {
    let principal = try call.principal
    let groups = try await services.groups.list(principal).filter {
      Policy.allows(.createApp, to: principal, role: $0.role)
    }
    let counts = try await services.apps.list(principal).reduce(into: [:]) { $0[$1.group.id, default: 0] += 1 }
    var page = RegisterPage(
      groups: groups.map { listed in
        RegisterPage.GroupChoice(
          clusterName: listed.group.clusterName.rawValue, name: listed.group.name,
          appCount: counts[listed.group.id] ?? 0,
          maxTPS: listed.group.limits.linesPerSecond ?? listed.group.template.maxTPS,
          trouble: listed.group.status == .active
            ? nil
            : .init(
              meaning: GroupReading.meaning(of: listed.group, listed.infrastructure),
              word: GroupReading.word(for: listed.group, listed.infrastructure)))
      },
      templates: Policy.allows(.createGroup, to: principal)
        ? services.settings.templates.map(RegisterPage.TemplateChoice.init) : [],
      typed: typed, defaultRetentionDays: services.settings.retentionDays)
    // A link may name a group that is gone, or not one's own.
    let isOffered = typed.group == RegisterPage.Form.newGroup || page.groups.contains { $0.clusterName == typed.group }
    if !isOffered { page.typed.group = "" }
    return page
  }
}

/// What a registration form asks for. Pure: says what is missing or no number; what is allowed is for the operations.
struct RegistrationOrder: Sendable {
  enum Group: Sendable, Equatable {
    case existing(ClusterName)
    case new(name: String, Groups.Size)
  }

  /// Nil when none was chosen, or not all of it was said.
  var group: Group?
  /// Nil when its name is missing.
  var app: Apps.New?
  var errors = FormErrors()

  init(_ typed: RegisterPage.Typed) {
    typealias Form = RegisterPage.Form
    let maxTPS = number(typed.appMaxTPS, Form.appMaxTPS, "the lines per second", example: 500)
    let days = number(typed.retentionDays, Form.retentionDays, "the days", example: 14)
    if typed.appName.isEmpty {
      errors.add("The app has no name. Write what your team calls it, for example payments api.", to: Form.appName)
    } else {
      do {
        _ = try Apps.topicName(typed.appName)
        app = Apps.New(name: typed.appName, maxTPS: maxTPS, retentionDays: days)
      } catch let error as MarketError {
        errors.add(error.detail, to: Form.appName)
      } catch {
        errors.add("\(error)", to: Form.appName)
      }
    }
    switch typed.group {
    case "": errors.add("No group is chosen. Choose one, or a new group.", to: Form.group)
    case Form.newGroup: group = newGroup(typed)
    default: group = .existing(ClusterName(typed.group))
    }
  }

  private mutating func newGroup(_ typed: RegisterPage.Typed) -> Group? {
    typealias Form = RegisterPage.Form
    if typed.groupName.isEmpty {
      errors.add("The new group has no name. Write what your team is called.", to: Form.groupName)
    }
    guard typed.size == Form.bySpeed else {
      if typed.size.isEmpty { errors.add("No size is chosen. Choose one, or say how fast.", to: Form.size) }
      return .new(name: typed.groupName, .template(typed.size))
    }
    guard !typed.groupMaxTPS.isEmpty else {
      errors.add("No speed is given. Write the lines per second, for example 2000.", to: Form.groupMaxTPS)
      return nil
    }
    return number(typed.groupMaxTPS, Form.groupMaxTPS, "the lines per second", example: 2000).map {
      .new(name: typed.groupName, .maxTPS($0))
    }
  }

  private mutating func number(_ text: String, _ field: String, _ what: String, example: Int) -> Int? {
    guard !text.isEmpty else { return nil }
    if let number = Int(text), number > 0 { return number }
    errors.add(
      "“\(text)” is not a whole number above zero. Write \(what) in digits, for example \(example).", to: field)
    return nil
  }

  /// Adds what an app would be refused for in a group that does not exist yet.
  mutating func check(_ app: Apps.New, in template: ClusterTemplate, _ settings: OperationSettings) {
    if let maxTPS = app.maxTPS, maxTPS > template.maxTPS {
      errors.add(
        "A \(template.name) group carries \(template.maxTPS) lines per second, not \(maxTPS). Ask for less, or choose a "
          + "larger size.", to: RegisterPage.Form.appMaxTPS)
    }
    if let days = app.retentionDays, days > settings.maximumRetentionDays {
      errors.add(
        "Lines are kept 1 to \(settings.maximumRetentionDays) days, not \(days).", to: RegisterPage.Form.retentionDays)
    }
  }
}

extension RegisterPage.TemplateChoice {
  init(_ template: ClusterTemplate) {
    let shown: [ComponentType] = [.kafka, .elasticsearch, .kibana]
    let words = template.components.filter { shown.contains($0.type) }.map { component in
      let name = component.type.rawValue.prefix(1).uppercased() + component.type.rawValue.dropFirst()
      return component.count == 1 ? name : "\(component.count) \(name)"
    }
    self.init(
      name: template.name, title: template.name.prefix(1).uppercased() + template.name.dropFirst(),
      maxTPS: template.maxTPS, components: words.joined(separator: ", "))
  }
}
