import BaritoCore
import HTTP
import Synchronization

/// A Pathfinder server for tests: the v2 API for outside applications on a port of its own, with a scheduler that the
/// test drives.
public final class PathfinderSimulator: Sendable {
  private struct State: Sendable {
    var cluster = SimulatedCluster()
    var calls: [String] = []
    var serverErrors = 0
    var droppedAnswers = 0
    var refusal: String?
    var rejectsToken = false
    var hanging: String?
  }

  private let state = Mutex(State())
  private let token: String
  private let server = Mutex<HTTPServer?>(nil)

  public init(token: String = "pathfinder-token") { self.token = token }

  /// Serves on 127.0.0.1. Stop it.
  /// - Returns: its URL.
  public func start() throws -> String {
    var configuration = HTTPServerConfiguration(address: "127.0.0.1:0")
    configuration.threads = 1
    let server = HTTPServer(configuration, routes: routes())
    let port = try server.start()
    self.server.withLock { $0 = server }
    return "http://127.0.0.1:\(port)"
  }

  public func stop() async {
    inject(.hanging(nil))
    await server.withLock { $0 }?.stop()
  }

  /// One round of the scheduler and the agents.
  public func tick() { state.withLock { $0.cluster.tick() } }

  /// By host name.
  public var containers: [SimulatedContainer] {
    state.withLock { $0.cluster.containers.values.sorted { $0.hostname < $1.hostname } }
  }

  public var deployments: [SimulatedDeployment] {
    state.withLock { $0.cluster.deployments.values.sorted { $0.name < $1.name } }
  }

  /// Method and path of every call so far, with its query.
  public var calls: [String] { state.withLock { $0.calls } }

  public func inject(_ fault: SimulatedFault) {
    state.withLock { state in
      switch fault {
      case .serverErrors(let count): state.serverErrors = count
      case .droppedAnswers(let count): state.droppedAnswers = count
      case .refusedBatches(let message): state.refusal = message
      case .rejectedToken(let rejects): state.rejectsToken = rejects
      case .hanging(let name): state.hanging = name
      case .provisionErrors(let name, let count): state.cluster.provisionFailures[name] = count
      case .bootstrapErrors(let name, let count): state.cluster.bootstrapFailures[name] = count
      case .stuck(let name, let status): state.cluster.stuck[name] = status
      case .frozen(let isFrozen): state.cluster.isFrozen = isFrozen
      }
    }
  }

  // MARK: - The API

  private func routes() -> Routes {
    let base = "/api/v2/ext_app"
    var routes = Routes()
    routes.get("\(base)/deployments/{name}/containers") { [self] request in
      try await answer(request) { state, name in
        guard state.cluster.deployments[name] != nil else { return .missing("Deployment") }
        let all = state.cluster.containers.values.filter { $0.deployment == name }
        return .ok(all.sorted { $0.hostname < $1.hostname })
      }
    }
    routes.post("\(base)/deployments/batch") { [self] request, body in
      let batch = try WireJSON.decode(Batch.self, from: body)
      return try await answer(request, hangingAs: batch.deployments.first?.name) { state, _ in
        if let refusal = state.refusal { return .refused(refusal) }
        guard batch.deployments.allSatisfy({ $0.clusterName == request.query.first("cluster_name") }) else {
          return .refused("Cluster can't be blank")
        }
        for deployment in batch.deployments {
          state.cluster.deployments[deployment.name] = deployment.simulated
        }
        return .ok([SimulatedContainer]())
      }
    }
    routes.get("\(base)/containers/{name}") { [self] request in
      try await change(request) { _ in }
    }
    routes.post("\(base)/containers/{name}/reschedule") { [self] request, _ in
      try await change(request) { container in
        container.status = "PENDING"
        container.ipaddress = nil
      }
    }
    routes.post("\(base)/containers/{name}/rebootstrap") { [self] request, _ in
      try await change(request) { $0.status = "PROVISIONED" }
    }
    routes.post("\(base)/containers/{name}/schedule_deletion") { [self] request, _ in
      try await change(request) { $0.status = "SCHEDULE_DELETION" }
    }
    return routes
  }

  private func change(
    _ request: HTTPRequest, _ change: @escaping @Sendable (inout SimulatedContainer) -> Void
  ) async throws -> HTTPResponse {
    try await answer(request) { state, name in
      // As the real one does: what it does not know makes it fail.
      guard var container = state.cluster.containers[name] else { return .broken("Couldn't find Container") }
      change(&container)
      state.cluster.containers[name] = container
      return .ok([container])
    }
  }

  private func answer(
    _ request: HTTPRequest, hangingAs other: String? = nil,
    _ work: @escaping @Sendable (inout State, _ name: String) -> Answer
  ) async throws -> HTTPResponse {
    let name = other ?? request.parameters["name"] ?? ""
    state.withLock { $0.calls.append("\(request.method) \(request.target)") }
    while state.withLock({ $0.hanging.map(name.hasPrefix) ?? false }) { try await Task.sleep(for: .milliseconds(10)) }
    let (answer, isDropped): (Answer, Bool) = state.withLock { state in
      if state.rejectsToken || request.headers["X-Auth-Token"] != token { return (.unauthorized, false) }
      if state.serverErrors > 0 {
        state.serverErrors -= 1
        return (.broken("undefined method `id' for nil:NilClass"), false)
      }
      let answer = work(&state, request.parameters["name"] ?? "")
      guard state.droppedAnswers > 0 else { return (answer, false) }
      state.droppedAnswers -= 1
      return (answer, true)
    }
    // A body that fails is cut off.
    if isDropped { return HTTPResponse(body: .stream { _ in throw CancellationError() }) }
    return try answer.response
  }
}

/// What is read of a batch.
private struct Batch: Decodable, Sendable {
  struct Deployment: Decodable, Sendable {
    struct Definition: Decodable, Sendable { var bootstrappers: JSONValue }

    var name: String
    var clusterName: String
    var desiredReplicas: Int
    var definition: Definition

    enum CodingKeys: String, CodingKey {
      case name
      case clusterName = "cluster_name"
      case desiredReplicas = "desired_num_replicas"
      case definition
    }

    var simulated: SimulatedDeployment {
      SimulatedDeployment(
        name: name, desiredReplicas: desiredReplicas, bootstrappers: definition.bootstrappers.text)
    }
  }

  var deployments: [Deployment]
}

/// What a call comes to.
private enum Answer: Sendable {
  case ok([SimulatedContainer])
  case refused(String)
  case missing(String)
  case unauthorized
  case broken(String)

  private struct Success: Encodable {
    var version = "2.0"
    var notifications: [String] = []
    var data: [SimulatedContainer]

    enum CodingKeys: String, CodingKey {
      case version = "api_version"
      case notifications, data
    }
  }

  private struct Failure: Encodable {
    struct Body: Encodable {
      var identifier: String
      var message: String
      var messages: [String]
      var backtrace = ["app/controllers/api/v2/ext_app/base_controller.rb:42:in `secret_internals'"]

      enum CodingKeys: String, CodingKey {
        case identifier = "error_ident"
        case message, messages, backtrace
      }
    }
    var version = "2.0"
    var error: Body

    enum CodingKeys: String, CodingKey {
      case version = "api_version"
      case error
    }
  }

  var response: HTTPResponse {
    get throws {
      switch self {
      case .ok(let data): .json(try WireJSON.encode(Success(data: data)))
      case .refused(let message): try Answer.failure(406, "invalid_params", message)
      case .missing(let what): try Answer.failure(404, "not_found", "\(what) not found")
      case .unauthorized: try Answer.failure(401, "unauthorized", "Token is invalid")
      case .broken(let message): try Answer.failure(500, "internal_server_error", message)
      }
    }
  }

  private static func failure(_ status: Int, _ identifier: String, _ message: String) throws -> HTTPResponse {
    let body = Failure.Body(identifier: identifier, message: message, messages: [message])
    return .json(try WireJSON.encode(Failure(error: body)), status: status)
  }
}
