import BaritoCore
import Curl

/// Calls Pathfinder, and says what its answers mean.
struct PathfinderClient: Sendable {
  private let base: String
  private let token: String
  private let cluster: String
  private let pool: CurlPool
  private let timeout: Duration

  /// - Parameters:
  ///   - url: without a slash at its end.
  ///   - cluster: Pathfinder's own cluster of nodes.
  init(url: String, token: String, cluster: String, clients: Int, timeout: Duration = .seconds(20)) {
    base = "\(url)/api/v2/ext_app"
    self.token = token
    self.cluster = cluster
    self.timeout = timeout
    pool = CurlPool(clients: clients)
  }

  /// Makes or changes deployments by their names.
  func deploy(_ manifests: [PathfinderManifest]) async throws(ProvisionerError) {
    let _: PathfinderCodec.Anything? = try await send(
      "POST", ["deployments", "batch"], PathfinderCodec.Batch(deployments: manifests),
      doing: "deploy \(manifests.map(\.name).joined(separator: ", "))")
  }

  /// The containers of a deployment; none where there is no such deployment.
  func containers(of deployment: String) async throws(ProvisionerError) -> [PathfinderCodec.Container] {
    do throws(ProvisionerError) {
      let list: PathfinderCodec.Containers? = try await send(
        "GET", ["deployments", deployment, "containers"], nil as PathfinderCodec.Batch?, name: deployment,
        doing: "list the containers of \(deployment)")
      return list?.items ?? []
    } catch  where error.code == .notFound {
      return []
    }
  }

  func reschedule(_ hostname: String) async throws(ProvisionerError) { try await change(hostname, "reschedule") }

  func scheduleDeletion(_ hostname: String) async throws(ProvisionerError) {
    try await change(hostname, "schedule_deletion")
  }

  func rebootstrap(
    _ hostname: String, _ bootstrappers: [PathfinderManifest.Bootstrapper]
  ) async throws(ProvisionerError) {
    let _: PathfinderCodec.Anything? = try await send(
      "POST", ["containers", hostname, "rebootstrap"], PathfinderCodec.Rebootstrap(bootstrappers: bootstrappers),
      doing: "rebootstrap \(hostname)")
  }

  private func change(_ hostname: String, _ verb: String) async throws(ProvisionerError) {
    let _: PathfinderCodec.Anything? = try await send(
      "POST", ["containers", hostname, verb], nil as PathfinderCodec.Batch?, doing: "\(verb) \(hostname)")
  }

  private func send<Payload: Decodable>(
    _ method: String, _ path: [String], _ body: (some Encodable)?, name: String? = nil, doing: String
  ) async throws(ProvisionerError) -> Payload? {
    let url = path.reduce(base) { URLText.join($0, $1) } + URLText.query(["name": name, "cluster_name": cluster])
    var request = CurlRequest(method, url, timeout: timeout)
    request.setHeader("X-Auth-Token", token)
    request.setHeader("Content-Type", "application/json")
    request.setHeader("Accept", "application/json")
    if method == "POST" { request.body = [] }
    if let body { request.body = try PathfinderClient.encode(body, doing) }
    let response: CurlResponse
    do throws(CurlError) {
      response = try await pool.perform(request)
    } catch {
      throw ProvisionerError(.unreachable, "cannot \(doing): Pathfinder does not answer: \(error.detail)")
    }
    return try PathfinderClient.read(response, doing)
  }

  private static func encode(_ body: some Encodable, _ doing: String) throws(ProvisionerError) -> [UInt8] {
    do {
      return try WireJSON.encode(body)
    } catch {
      throw ProvisionerError(.invalid, "cannot \(doing): the request cannot be written as JSON: \(error)")
    }
  }

  /// What an answer means.
  static func read<Payload: Decodable>(
    _ response: CurlResponse, _ doing: String
  ) throws(ProvisionerError) -> Payload? {
    let envelope = try? WireJSON.decode(PathfinderCodec.Envelope<Payload>.self, from: response.body)
    let failure =
      envelope?.error
      ?? (try? WireJSON.decode(PathfinderCodec.Envelope<PathfinderCodec.Anything>.self, from: response.body))?.error
    let said = String((failure?.text ?? "no reason given").prefix(500))
    switch response.status {
    case 200..<300:
      guard failure == nil else { throw ProvisionerError(.invalid, "cannot \(doing): Pathfinder says: \(said)") }
      guard let envelope else {
        throw ProvisionerError(
          .badAnswer, "cannot \(doing): Pathfinder's answer is not its JSON: is pathfinder.url another server's?")
      }
      return envelope.data
    case 401, 403:
      throw ProvisionerError(
        .unauthorized,
        "cannot \(doing): Pathfinder refuses the token (\(said)): set pathfinder.token to the token of an external "
          + "application and restart the Provisioner")
    case 404: throw ProvisionerError(.notFound, "cannot \(doing): Pathfinder does not know it: \(said)")
    case 400..<500: throw ProvisionerError(.invalid, "cannot \(doing): Pathfinder refuses it: \(said)")
    default:
      throw ProvisionerError(.serverFailed, "cannot \(doing): Pathfinder answers \(response.status): \(said)")
    }
  }
}
