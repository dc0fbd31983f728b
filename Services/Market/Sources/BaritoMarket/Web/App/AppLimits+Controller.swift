import BaritoCore
import HTTP

/// The limits of an app, set by its owners and admins.
extension WebController {
  func limitsChanged(_ call: WebCall) async throws -> HTTPResponse {
    typealias Name = AppPage.LimitsForm.Name
    let id = try call.appID
    var form = AppPage.LimitsForm(
      maxTPS: call.text(Name.maxTPS), bytesPerSecond: call.text(Name.bytesPerSecond),
      overload: call.typed(Name.overload))
    let change = form.change()
    guard form.errors.isEmpty else {
      let principal = try call.principal
      let role = try await services.apps.find(id, principal).role
      guard Policy.allows(.changeApp, to: principal, role: role) else {
        throw MarketError(.forbidden, "Only owners and admins of the group set limits. Ask one of them.")
      }
      return try await app(call, form, status: 422)
    }
    do {
      _ = try await services.apps.change(id, change, by: try call.principal)
    } catch let error as MarketError where error.code == .invalid {
      form.errors = FormErrors(error)
      return try await app(call, form, status: 422)
    }
    return try redirect(
      with: Note(page: MarketRoutes.app("\(id)"), text: "The limits hold from now on, in every Router within seconds."),
      call)
  }
}
