import BaritoCore
import BaritoService
import HTTP
import Kafka
import Logging
import Redaction

/// `GET /v1/tail`: lets viewers in and runs their sessions.
struct TailController: Sendable {
  let profiles: ProfileFeed
  let access: AccessGate
  let sessions: Sessions
  let shapes: TopicShapes
  /// Everything but the brokers.
  let kafka: KafkaConfiguration
  let settings: TailSessionSettings
  let metrics: TailMetrics
  let clock: ServiceClock
  let logger: Logger
  let redactors = Redactors<AppID>()

  func register(in routes: inout Routes) {
    routes.get("/v1/tail") { request in await answer(request) }
  }

  func answer(_ request: HTTPRequest) async -> HTTPResponse {
    do throws(TailRefusal) {
      return try await open(request)
    } catch {
      metrics.refused(error.code)
      return error.response
    }
  }

  private func open(_ request: HTTPRequest) async throws(TailRefusal) -> HTTPResponse {
    let token = try TailController.token(request)
    var parameters = try TailParameters(request.query.pairs, now: clock.wallMilliseconds)
    // A browser that comes back sends the last id to the address that it began with.
    if let last = request.headers["Last-Event-ID"], !last.isEmpty {
      guard let cursor = TailCursor(last) else {
        throw TailRefusal(.invalidParameter, "Last-Event-ID is none of our cursors", parameter: "Last-Event-ID")
      }
      parameters.cursor = cursor
    }
    let granted = try await access.ask(token: token, apps: parameters.apps)
    let apps = try profiles.read { TailApp.find(granted.apps, in: $0) }.get()
    let slot = try sessions.admit(granted.user)
    let isEvents = request.headers.all("Accept").contains { $0.contains("text/event-stream") }
    let encoder = TailEncoder(format: isEvents ? .events : .ndjson)
    let viewer = Viewer(user: granted.user, token: token, apps: parameters.apps, peer: request.peer)
    let asked = parameters
    return HTTPResponse(
      headers: ["Content-Type": encoder.contentType, "Cache-Control": "no-store", "X-Accel-Buffering": "no"],
      body: .endless { writer in
        // The place is taken until the body has ended.
        defer { withExtendedLifetime(slot) {} }
        try await run(viewer, asked, apps, encoder, writer)
      })
  }

  private struct Viewer: Sendable {
    var user: String
    var token: String
    var apps: [String]
    var peer: String
  }

  private func run(
    _ viewer: Viewer, _ parameters: TailParameters, _ apps: [TailApp], _ encoder: TailEncoder, _ writer: HTTPBodyWriter
  ) async throws {
    let readers = try Dictionary(grouping: apps, by: \.brokers).values.map {
      try TailReader($0, kafka, shapes: shapes, logger: logger)
    }
    let outside = TailSession.Surroundings(
      settings: settings, metrics: metrics, clock: clock, logger: logger, isStopping: { sessions.isStopping },
      isGone: { writer.isClosed }, revoked: { await access.revoked(token: viewer.token, apps: viewer.apps) },
      redactor: { redactor(of: $0) }, send: { try await writer.write($0) })
    var session = TailSession(parameters, readers, encoder, outside)
    let about = [
      "user": viewer.user, "peer": viewer.peer, "apps": apps.map(\.label).sorted().joined(separator: ","),
    ]
    logger.info("a tail session began", about)
    metrics.began()
    let start = clock.monotonicNanoseconds
    var reason = "left"
    var failure: (any Error)?
    do { reason = try await session.run().rawValue } catch { failure = error }
    metrics.ended(reason)
    var outcome = about
    outcome["reason"] = reason
    outcome["lines"] = "\(session.total.lines)"
    outcome["bytes"] = "\(session.total.bytes)"
    outcome["seconds"] = "\((clock.monotonicNanoseconds - start) / 1_000_000_000)"
    logger.info("a tail session ended", outcome)
    for reader in readers { await reader.close() }
    if let failure { throw failure }
  }

  /// What is taken out of an app's lines, as its profile says now; the last that was known where its profile is gone.
  private func redactor(of app: AppID) -> Redactor? {
    let rules = profiles.read { $0.apps[app] == nil ? nil : $0.redaction(of: app) }
    guard let (redactor, isNew) = redactors.redactor(for: app, rules) else { return nil }
    if isNew {
      for fault in redactor.faults {
        logger.error("a redaction rule cannot be used", ["app": "\(app)", "reason": fault.detail])
      }
    }
    return redactor
  }

  private static func token(_ request: HTTPRequest) throws(TailRefusal) -> String {
    let words = (request.headers["Authorization"] ?? "").split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bearer" else {
      throw TailRefusal(
        .noToken, "send a user's API token as Authorization: Bearer <token>; one is made on the account page of Market")
    }
    return String(words[1])
  }
}

extension TailRefusal {
  /// The problem document that the viewer sees (RFC 9457), with `Retry-After` where retrying helps.
  var response: HTTPResponse {
    var problem = ProblemDocument(status: status, code: code.rawValue, title: title, detail: detail)
    if let parameter { problem.extensions.append(("parameter", .string(parameter))) }
    if let offset { problem.extensions.append(("offset", .integer(offset))) }
    if let retryAfter { problem.headers["Retry-After"] = "\(retryAfter)" }
    if status == 401 { problem.headers["WWW-Authenticate"] = "Bearer" }
    return .problem(problem)
  }
}
