import HTTP

/// One's own account and its API tokens.
extension WebController {
  var accountRoutes: [WebRoute] {
    let page: @Sendable (HTTPRequest) -> String = { _ in MarketRoutes.account }
    return [
      .get(MarketRoutes.account) { call in
        var page = try await accountPage(call)
        page.newToken = note(call)?.secret
        return try await render(page, call)
      },
      .post(MarketRoutes.accountTokens, page: page) { try await createToken($0) },
      .post(MarketRoutes.revokeTokenPattern, page: page) { call in
        try await change(on: MarketRoutes.account, call, done: "The token is revoked. Scripts that use it are refused.")
        {
          try await services.accounts.revokeToken(try call.number("id"), by: try call.principal)
        }
      },
    ]
  }

  private func createToken(_ call: WebCall) async throws -> HTTPResponse {
    let name = call.text(AccountPage.Form.name)
    let chosen = Set(call.form.all(AccountPage.Form.scope))
    do {
      let token = try await services.accounts.createToken(
        name: name, scopes: Set(chosen.compactMap(Scope.init(rawValue:))), by: try call.principal)
      return try redirect(with: Note(page: MarketRoutes.account, secret: token.value), call)
    } catch let error as MarketError where error.code == .invalid {
      var page = try await accountPage(call)
      page.typedName = name
      page.chosenScopes = chosen
      page.errors = FormErrors(error, ["name": AccountPage.Form.name, "scopes": AccountPage.Form.scope])
      return try await render(page, call, status: error.code.httpStatus)
    }
  }

  private func accountPage(_ call: WebCall) async throws -> AccountPage {
    let principal = try call.principal
    let tokens = try await services.accounts.tokens(of: principal).map { token in
      AccountPage.Token(
        id: "\(token.id)", name: token.name, scopes: token.scopes.map(\.rawValue).sorted(),
        createdAt: Moment(milliseconds: token.createdAt), lastUsedAt: token.lastUsedAt.map { Moment(milliseconds: $0) })
    }
    let scopes = Scope.allCases.map { AccountPage.Scope(name: $0.rawValue, meaning: $0.words) }
    return AccountPage(userName: principal.user.name, scopes: scopes, tokens: tokens)
  }
}

extension Scope {
  /// What it allows, for whoever chooses.
  fileprivate var words: String {
    switch self {
    case .read: "See groups, apps and their numbers"
    case .write: "Register apps, make and revoke secrets, change groups; includes read"
    case .tail: "Follow lines, as baritotail does"
    case .admin: "Everything that you may do, tokens included"
    }
  }
}
