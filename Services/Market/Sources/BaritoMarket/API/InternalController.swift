internal import BaritoCore
internal import HTTP
internal import Logging

/// Serves the other services, who carry the platform's own token.
struct InternalController: Sendable {
  let services: MarketServices

  func register(in routes: inout Routes) {
    on("GET", InternalAPI.profilesPath, &routes) { request, _ in
      let after = try InternalController.number("after", request) ?? 0
      let wait = try InternalController.number("wait", request) ?? 0
      let instance = try InternalController.instance(request)
      if let instance, request.query.first("leaving") == "1" {
        try await services.profiles.leave(instance)
        return try .json(ProfilePage(version: after))
      }
      let routers = try InternalController.number("routers", request)
      return try .json(
        try await services.profiles.page(
          after: after, wait: Int(clamping: wait), from: instance, routers: routers.map { Int(clamping: $0) }))
    }
    on("POST", InternalAPI.appsPath, &routes) { _, bytes in
      try .json(try await services.requests.createApp(try InternalController.body(bytes)))
    }
    on("POST", InternalAPI.accessPath, &routes) { _, bytes in
      try .json(try await services.requests.access(try InternalController.body(bytes)))
    }
    on("POST", InternalAPI.probePath(ClusterName("{cluster_name}")), &routes) { request, _ in
      try .json(try await services.requests.probe(ClusterName(request.parameters["cluster_name"] ?? "")))
    }
  }

  private func on(
    _ method: String, _ path: String, _ routes: inout Routes,
    _ handle: @escaping @Sendable (HTTPRequest, [UInt8]) async throws -> HTTPResponse
  ) {
    routes.on(method, path) { request in
      guard services.authenticator.isService(authorization: request.headers["Authorization"]) else {
        return .refuse(
          .problem(MarketError(.unauthenticated, "Only services with the platform's token are answered here.")))
      }
      return .collectAsync(limit: APIController.bodyLimit) { request, bytes in
        do {
          return try await handle(request, bytes)
        } catch {
          let problem = APIProblem.error(for: error)
          if problem.code == .internal {
            services.logger.error(
              "a request could not be answered", ["route": "\(method) \(path)", "error": "\(error)"])
          }
          return .problem(problem)
        }
      }
    }
  }

  private static func body<Value: Decodable>(_ bytes: [UInt8]) throws -> Value {
    do { return try WireJSON.decode(Value.self, from: bytes) } catch {
      throw MarketError(.malformed, "The body is not what this call takes: \(error)")
    }
  }

  /// Who asks; nil for services of before there was a name.
  private static func instance(_ request: HTTPRequest) throws -> ServiceInstance? {
    guard let service = request.query.first("service"), let name = request.query.first("instance") else { return nil }
    let instance = ServiceInstance(service: service, instance: name)
    guard instance.isValid else {
      throw MarketError.invalid(
        "instance",
        "The parameters service and instance are names of 1 to \(ServiceInstance.longestName) letters, digits and .-_:")
    }
    return instance
  }

  private static func number(_ name: String, _ request: HTTPRequest) throws -> Int64? {
    guard let text = request.query.first(name) else { return nil }
    guard let number = Int64(text), number >= 0 else {
      throw MarketError.invalid(name, "The parameter \(name) must be a whole number, 0 or more.")
    }
    return number
  }
}
