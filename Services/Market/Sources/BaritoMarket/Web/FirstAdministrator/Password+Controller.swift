import HTTP

/// The pages behind one-time links, where somebody chooses a password: the first administrator, and users who were made
/// by one.
extension WebController {
  var passwordRoutes: [WebRoute] {
    [
      .get(MarketRoutes.setupPattern, .anyone) { call in
        let token = linkToken(call)
        guard try await services.accounts.isFirstAdministratorLink(token) else { throw WebController.linkIsOver }
        return try await render(FirstAdministratorPage(token: token), call)
      },
      .post(MarketRoutes.setupPattern, .anyone, page: WebRoute.home) { try await makeAdministrator($0) },
      .get(MarketRoutes.passwordPattern, .anyone) { call in
        let token = linkToken(call)
        let hash = Token.hash(token)
        let isValid = try await database.transaction { transaction in
          try await OneTimeLinkStore(transaction).isValid(hash, purpose: .resetPassword)
        }
        guard isValid else { throw WebController.linkIsOver }
        return try await render(PasswordPage(token: token), call)
      },
      .post(MarketRoutes.passwordPattern, .anyone, page: WebRoute.home) { try await setPassword($0) },
    ]
  }

  private static let linkIsOver = MarketError(
    .notFound, "The link was used already, or is older than a day. Ask whoever sent it for a new one.")

  private func linkToken(_ call: WebCall) -> String { String((call.request.parameters["token"] ?? "").prefix(256)) }

  private func makeAdministrator(_ call: WebCall) async throws -> HTTPResponse {
    var page = FirstAdministratorPage(token: linkToken(call), userName: call.text(FirstAdministratorPage.Form.userName))
    do {
      let session = try await services.accounts.makeFirstAdministrator(
        link: page.token, name: page.userName, password: call.typed(FirstAdministratorPage.Form.password))
      return beginSession(session, at: MarketRoutes.myApps)
    } catch let error as MarketError where !error.fields.isEmpty {
      let names = ["name": FirstAdministratorPage.Form.userName, "password": FirstAdministratorPage.Form.password]
      page.errors = FormErrors(error, names)
      return try await render(page, call, status: error.code.httpStatus)
    }
  }

  private func setPassword(_ call: WebCall) async throws -> HTTPResponse {
    var page = PasswordPage(token: linkToken(call))
    do {
      let session = try await services.accounts.setPassword(
        link: page.token, password: call.typed(PasswordPage.Form.password))
      return beginSession(session, at: MarketRoutes.myApps)
    } catch let error as MarketError where !error.fields.isEmpty {
      page.errors = FormErrors(error, ["password": PasswordPage.Form.password])
      return try await render(page, call, status: error.code.httpStatus)
    }
  }
}

extension FormErrors {
  /// What is wrong, at the fields of a form.
  /// - Parameter names: the form's fields by what the error calls them; others stand above the form.
  init(_ error: MarketError, _ names: [String: String] = [:]) {
    self.init()
    for field in error.fields { add(field.detail, to: names[field.name] ?? "") }
    if error.fields.isEmpty { add(error.detail, to: "") }
  }
}
