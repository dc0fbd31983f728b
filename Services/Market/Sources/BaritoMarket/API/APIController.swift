internal import BaritoCore
internal import HTTP
internal import Logging

/// Serves the API: finds out who asks, lets an endpoint answer, and says what went wrong as a problem document.
struct APIController: Sendable {
  let services: MarketServices

  /// Every call that there is.
  var endpoints: [APIEndpoint] {
    groupEndpoints + appEndpoints + memberEndpoints + accountEndpoints + platformEndpoints
      + redactionEndpoints
  }

  /// The largest body, in bytes.
  static let bodyLimit = 64 * 1024

  func register(in routes: inout Routes) {
    for endpoint in endpoints {
      routes.on(endpoint.method, endpoint.path) { _ in
        .collectAsync(limit: APIController.bodyLimit) { request, bytes in await answer(endpoint, request, bytes) }
      }
    }
    let document = (try? WireJSON.encode(OpenAPIDocument.make(endpoints, publicURL: services.publicURL))) ?? []
    routes.get("/openapi.json") { _ in .json(document) }
  }

  private func answer(_ endpoint: APIEndpoint, _ request: HTTPRequest, _ bytes: [UInt8]) async -> HTTPResponse {
    do {
      let principal = try await services.authenticator.principal(authorization: request.headers["Authorization"])
      return try await endpoint.handle(APICall(request: request, bytes: bytes, principal: principal))
    } catch {
      let problem = APIProblem.error(for: error)
      if problem.code == .internal {
        services.logger.error(
          "a request could not be answered", ["route": "\(endpoint.method) \(endpoint.path)", "error": "\(error)"])
      }
      return .problem(problem, existing: problem.existing.flatMap { view(of: $0) })
    }
  }

  /// What has the name already, as the API shows it, so that a script that retries can go on with it.
  private func view(of existing: MarketError.Existing) -> JSONValue? {
    switch existing {
    case .group(let group):
      return [
        "cluster_name": .string(group.clusterName.rawValue), "name": .string(group.name),
        "template": .string(group.template.name),
      ]
    case .app(let app):
      return [
        "id": .integer(app.id.rawValue), "cluster_name": .string(app.clusterName.rawValue), "name": .string(app.name),
      ]
    }
  }
}
