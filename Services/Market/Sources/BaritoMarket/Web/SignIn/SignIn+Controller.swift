import HTTP

/// Signing in and out.
extension WebController {
  var signInRoutes: [WebRoute] {
    [
      .get(MarketRoutes.signIn, .anyone) { call in
        let back = ReturnPath(call.request.query.first(SignInPage.Form.returnTo))
        if case .session = call.visitor { return .redirect(to: back.path) }
        return try await render(SignInPage(returnTo: back.path), call)
      },
      .post(MarketRoutes.signIn, .anyone, page: WebRoute.home) { try await signIn($0) },
      .post(MarketRoutes.signOut, page: WebRoute.home) { call in
        try await services.accounts.signOut(call.session)
        return HTTPResponse.redirect(to: MarketRoutes.signIn)
          .with("Set-Cookie", services.authenticator.cookie.clear)
          .with("Set-Cookie", cookies.clearNote)
      },
    ]
  }

  private func signIn(_ call: WebCall) async throws -> HTTPResponse {
    var page = SignInPage(
      userName: call.text(SignInPage.Form.userName),
      returnTo: ReturnPath(call.form.first(SignInPage.Form.returnTo)).path)
    do {
      let token = try await services.accounts.signIn(
        name: page.userName, password: call.typed(SignInPage.Form.password), peer: call.request.peer)
      return beginSession(token, at: page.returnTo)
    } catch let error as MarketError where error.code == .unauthenticated {
      page.error = SignInPage.refused
      return try await render(page, call, status: error.code.httpStatus)
    } catch let error as MarketError where error.code == .throttled {
      page.error = error.detail
      return try await render(page, call, status: error.code.httpStatus).with(
        "Retry-After", "\(error.retryAfter ?? 60)")
    }
  }

  /// Goes on to a page as somebody who is signed in from here on.
  func beginSession(_ token: String, at page: String) -> HTTPResponse {
    .redirect(to: page).with(
      "Set-Cookie", services.authenticator.cookie.set(token, lifetime: Accounts.sessionLifetime))
  }
}
