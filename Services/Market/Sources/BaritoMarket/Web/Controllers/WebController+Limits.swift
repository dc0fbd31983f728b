import BaritoCore
import HTTP

/// The limits of apps and groups, set on their pages.
extension WebController {
  func appLimitsChanged(_ call: WebCall) async throws -> HTTPResponse {
    let (id, principal) = (try call.appID, try call.principal)
    var form = LimitsForm(typedIn: call)
    var change = Apps.Change()
    let limits = form.limits()
    change.maxTPS = .set(limits.linesPerSecond)
    change.bytesPerSecond = .set(limits.bytesPerSecond)
    change.overload = AppProfile.Overload(rawValue: form.overload)
    if change.overload == nil {
      form.errors.add(
        "Nothing is chosen for what is over the limit. Choose one of the three.", to: LimitsForm.Name.overload)
    }
    let role = try await services.apps.find(id, principal).role
    try require(.changeApp, of: principal, role, "Only owners and admins of the group set limits. Ask one of them.")
    guard form.errors.isEmpty else { return try await app(call, form, status: 422) }
    do {
      _ = try await services.apps.change(id, change, by: principal)
    } catch let error as MarketError where error.code == .invalid {
      form.errors = FormErrors(error, LimitsForm.fieldNames)
      return try await app(call, form, status: 422)
    }
    return try redirect(with: Note(page: MarketRoutes.app("\(id)"), text: WebController.limitsHold), call)
  }

  func groupLimitsChanged(_ call: WebCall) async throws -> HTTPResponse {
    let (cluster, principal) = (call.cluster, try call.principal)
    var form = LimitsForm(typedIn: call)
    let limits = form.limits()
    if form.maxTPS.isEmpty {
      form.errors.add("A group has a limit. Write the lines per second, for example 2000.", to: LimitsForm.Name.maxTPS)
    }
    let role = try await services.groups.find(cluster, principal).role
    try require(.changeGroup, of: principal, role, "Only owners of the group set its limits. Ask one of them.")
    guard form.errors.isEmpty else { return try await group(call, form, status: 422) }
    let change = Groups.Change(linesPerSecond: limits.linesPerSecond, bytesPerSecond: .set(limits.bytesPerSecond))
    do {
      _ = try await services.groups.change(cluster, change, by: principal)
    } catch let error as MarketError where error.code == .invalid {
      form.errors = FormErrors(error, LimitsForm.fieldNames)
      return try await group(call, form, status: 422)
    }
    return try redirect(with: Note(page: MarketRoutes.group(cluster.rawValue), text: WebController.limitsHold), call)
  }

  private static let limitsHold = "The limits hold from now on, in every Router within seconds."

  /// What is wrong with a form is told only to those who may send it.
  private func require(_ action: Policy.Action, of principal: Principal, _ role: Role?, _ detail: String) throws {
    guard Policy.allows(action, to: principal, role: role) else { throw MarketError(.forbidden, detail) }
  }
}

extension LimitsForm {
  fileprivate init(typedIn call: WebCall) {
    self.init(
      maxTPS: call.text(Name.maxTPS), bytesPerSecond: call.text(Name.bytesPerSecond),
      overload: call.typed(Name.overload))
  }
}
