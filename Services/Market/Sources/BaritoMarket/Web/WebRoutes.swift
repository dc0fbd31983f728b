import Curl
import HTML
import HTTP
import Logging

/// Serves the pages: finds out who asks, lets a route answer, and says what went wrong as a page, or to programs as a
/// problem document.
struct WebController: Sendable {
  let services: MarketServices
  let database: Database
  let cookies: WebCookies
  let newestLine: NewestLine
  /// What pages that are open share, so that a hundred viewers cost as much as one.
  let readings: SharedReadings<AppReading>
  let firstLines: SharedReadings<FirstLine>
  let provisionings: SharedReadings<GroupReading>
  var tempo: LiveTempo

  /// The largest form, in bytes.
  static let formLimit = 64 * 1024

  init(services: MarketServices, database: Database, tempo: LiveTempo = LiveTempo()) {
    self.services = services
    self.database = database
    self.tempo = tempo
    cookies = WebCookies(isSecure: services.authenticator.cookie.isSecure)
    newestLine = NewestLine(timeout: .seconds(1))
    readings = SharedReadings(maximumAge: tempo.interval)
    firstLines = SharedReadings(maximumAge: tempo.interval)
    provisionings = SharedReadings(maximumAge: tempo.interval)
  }

  /// Every route that there is, but for the assets.
  var routes: [WebRoute] {
    signInRoutes + passwordRoutes + appRoutes + groupRoutes + redactionRoutes + accountRoutes + platformRoutes
  }

  func register(in routes: inout Routes) {
    for route in self.routes {
      let limit = route.method == "POST" ? WebController.formLimit : 0
      routes.on(route.method, route.path) { _ in
        .collectAsync(limit: limit) { request, bytes in await answer(route, request, bytes) }
      }
    }
    routes.on("GET", MarketRoutes.assetPattern) { request in .refuse(AssetResponse.answer(to: request)) }
    routes.on("GET", "/favicon.ico") { _ in .refuse(AssetResponse.favicon) }
    routes.otherwise { _ in .collectAsync(limit: 0) { request, _ in await nothing(at: request) } }
  }

  private func answer(_ route: WebRoute, _ request: HTTPRequest, _ bytes: [UInt8]) async -> HTTPResponse {
    var call = WebCall(
      request: request, visitor: .guest(""), requestID: RequestID.make(), now: Moment(milliseconds: services.clock()))
    do {
      let isNewGuest = try await identify(&call)
      if case .guest = call.visitor, route.audience == .signedIn { return signInFirst(route, call) }
      if route.method == "POST" { try read(bytes, into: &call) }
      var response = try await route.handle(call)
      if isNewGuest, case .guest(let value) = call.visitor {
        response.headers.add("Set-Cookie", cookies.setGuest(value))
      }
      return WebHeaders.secured(response, call)
    } catch {
      return await failure(error, call)
    }
  }

  /// Finds out who asks.
  /// - Returns: whether it is somebody who has no cookie yet.
  private func identify(_ call: inout WebCall) async throws -> Bool {
    let cookie = call.request.cookie(services.authenticator.cookie.name)
    if let session = try await services.authenticator.session(cookie: cookie) {
      call.visitor = .session(session)
      return false
    }
    let known = call.request.cookie(cookies.guest).flatMap { (20...100).contains($0.utf8.count) ? $0 : nil }
    call.visitor = .guest(known ?? Token.make())
    return known == nil
  }

  /// Reads a form, and makes sure that it is one of ours.
  private func read(_ bytes: [UInt8], into call: inout WebCall) throws {
    guard let form = HTTPQuery(decoding: bytes) else {
      throw MarketError(.malformed, "The form cannot be read. Go back, load the page anew and send it again.")
    }
    guard call.visitor.accepts(csrfToken: form.first(CSRFToken.fieldName)) else {
      throw MarketError(
        .forbidden,
        "The form did not come from a page of this session. Go back, load the page anew and send it again.")
    }
    call.form = form
  }

  private func signInFirst(_ route: WebRoute, _ call: WebCall) -> HTTPResponse {
    guard !WebHeaders.wantsJSON(call.request) else {
      return WebHeaders.secured(.problem(MarketError(.unauthenticated, "Nobody is signed in.")), call)
    }
    return WebHeaders.secured(.redirect(to: ReturnPath(route.page(call.request)).signIn), call)
  }

  private func nothing(at request: HTTPRequest) async -> HTTPResponse {
    var call = WebCall(
      request: request, visitor: .guest(""), requestID: RequestID.make(), now: Moment(milliseconds: services.clock()))
    do { _ = try await identify(&call) } catch { return await failure(error, call) }
    let error = MarketError(.notFound, "There is nothing at \(request.path).")
    guard WebHeaders.wantsHTML(request) else { return WebHeaders.secured(.problem(error), call) }
    return await errorPage(error, detail: nil, call)
  }

  /// What went wrong, to whom it concerns.
  private func failure(_ error: any Error, _ call: WebCall) async -> HTTPResponse {
    let problem = APIProblem.error(for: error)
    if problem.code == .internal {
      services.logger.error(
        "a page could not be answered",
        ["path": call.request.path, "request": call.requestID, "error": "\(error)"])
    }
    if WebHeaders.wantsJSON(call.request) { return WebHeaders.secured(.problem(problem), call) }
    return await errorPage(problem, detail: problem.code == .internal ? nil : problem.detail, call)
  }

  private func errorPage(_ error: MarketError, detail: String?, _ call: WebCall) async -> HTTPResponse {
    let kind = ErrorPage.Kind(error.code)
    var page = ErrorPage(kind: kind, requestID: call.requestID, detail: detail)
    if call.request.method == "GET" { page.retryPath = ReturnPath(call.request.target).path }
    // The page about a failure needs nothing that may have failed.
    var context = PageContext(now: call.now, csrf: call.visitor.csrf)
    if case .session(let session) = call.visitor { context.viewer = PageContext.Viewer(session.principal) }
    var response = HTTPResponse.html(page.html(in: context).markup, status: kind.rawValue)
    if let seconds = error.retryAfter { response.headers.add("Retry-After", "\(seconds)") }
    return WebHeaders.secured(response, call)
  }
}
