import BaritoCore
public import HTTP
public import Metrics

/// What every service tells of itself, on a listener of its own: `/livez`, `/readyz`, `/metrics`.
public enum AdminRoutes {
  public static func make(_ readiness: Readiness, _ metrics: MetricsRegistry) -> Routes {
    var routes = Routes()
    routes.get("/livez") { _ in .text("ok\n") }
    routes.get("/readyz") { request in
      let results = readiness.results
      let isReady = results.allSatisfy { $0.reason == nil }
      guard request.query.first("verbose") != nil else {
        return .text(isReady ? "ok\n" : "not ready\n", status: isReady ? 200 : 503)
      }
      let lines = results.map {
        "\($0.reason == nil ? "ok" : "not ready") \($0.name)\($0.reason.map { ": \($0)" } ?? "")\n"
      }
      return .text(lines.joined(), status: isReady ? 200 : 503)
    }
    routes.get("/metrics") { _ in
      HTTPResponse(
        headers: ["Content-Type": MetricsRegistry.contentType], body: .bytes(metrics.render()))
    }
    return routes
  }
}
