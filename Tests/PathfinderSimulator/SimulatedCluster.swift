/// What a Pathfinder server and its agents do to deployments and containers, one scheduler tick after another. Pure.
public struct SimulatedCluster: Sendable, Equatable {
  public internal(set) var containers: [String: SimulatedContainer] = [:]
  public internal(set) var deployments: [String: SimulatedDeployment] = [:]
  /// How many more times a container fails to be made, by host name.
  var provisionFailures: [String: Int] = [:]
  /// How many more times a container's cookbooks fail, by host name.
  var bootstrapFailures: [String: Int] = [:]
  /// Nothing moves.
  var isFrozen = false
  /// Containers that stay as they are in this state.
  var stuck: [String: String] = [:]
  private var addresses = 0

  public init() {}

  /// One round of the scheduler and of all agents: each container takes one step.
  mutating func tick() {
    guard !isFrozen else { return }
    for name in containers.keys.sorted() { advance(name) }
    for name in deployments.keys.sorted() { reconcile(name) }
  }

  private mutating func advance(_ name: String) {
    guard var container = containers[name], stuck[name] != container.status else { return }
    switch container.status {
    case "PENDING": container.status = "SCHEDULED"
    case "SCHEDULED":
      if Self.take(&provisionFailures, name) {
        container.status = "PROVISION_ERROR"
      } else {
        container.status = "PROVISIONED"
        if container.ipaddress == nil {
          addresses += 1
          container.ipaddress = "10.0.\(addresses / 250).\(addresses % 250 + 1)"
        }
      }
    case "PROVISIONED": container.status = "BOOTSTRAP_STARTED"
    case "BOOTSTRAP_STARTED":
      container.status = Self.take(&bootstrapFailures, name) ? "BOOTSTRAP_ERROR" : "BOOTSTRAPPED"
    case "SCHEDULE_DELETION": container.status = "DELETED"
    default: break
    }
    containers[name] = container
  }

  private static func take(_ failures: inout [String: Int], _ name: String) -> Bool {
    guard let left = failures[name], left > 0 else { return false }
    failures[name] = left - 1
    return true
  }

  /// As many containers as are wanted, with the definition that is wanted.
  private mutating func reconcile(_ name: String) {
    guard let deployment = deployments[name] else { return }
    let wanted = (0..<deployment.desiredReplicas).map { "\(name)-\($0 < 9 ? "0" : "")\($0 + 1)" }
    for hostname in wanted {
      guard var container = containers[hostname], container.status != "DELETED" else {
        containers[hostname] = SimulatedContainer(
          hostname: hostname, deployment: name, status: "PENDING", ipaddress: nil,
          definition: deployment.bootstrappers)
        continue
      }
      guard container.definition != deployment.bootstrappers,
        ["BOOTSTRAPPED", "BOOTSTRAP_ERROR"].contains(container.status)
      else { continue }
      container.definition = deployment.bootstrappers
      container.status = "PROVISIONED"
      containers[hostname] = container
    }
    for (hostname, var container) in containers where container.deployment == name && !wanted.contains(hostname) {
      guard !["SCHEDULE_DELETION", "DELETED"].contains(container.status) else { continue }
      container.status = "SCHEDULE_DELETION"
      containers[hostname] = container
    }
  }
}
