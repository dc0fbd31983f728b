import BaritoCore

/// Makes clusters of LXC containers through Pathfinder.
struct PathfinderDriver: Driver {
  private let client: PathfinderClient
  private let settings: PathfinderSettings

  init(_ client: PathfinderClient, _ settings: PathfinderSettings) {
    self.client = client
    self.settings = settings
  }

  func plan(_ request: ProvisioningRequest) -> ProvisioningPlan { ProvisioningPlan(request, pathfinder: settings) }

  func apply(_ plan: ProvisioningPlan) async throws(ProvisionerError) { try await client.deploy(plan.deployments) }

  func observe(_ plan: ProvisioningPlan) async throws(ProvisionerError) -> [ComponentState] {
    var states: [ComponentState] = []
    for deployment in plan.deployments {
      guard let type = plan.type(ofDeployment: deployment.name) else { continue }
      for container in try await client.containers(of: deployment.name) {
        states.append(PathfinderDriver.state(container, type))
      }
    }
    return states
  }

  func retry(_ retry: ComponentRetry, of plan: ProvisioningPlan) async throws(ProvisionerError) {
    do throws(ProvisionerError) {
      switch retry.step {
      case .reschedule: try await client.reschedule(retry.hostname)
      case .delete: try await client.scheduleDeletion(retry.hostname)
      case .rebootstrap:
        let name = ProvisioningPlan.deploymentName(plan.clusterName, retry.type)
        let manifest = plan.deployments.first { $0.name == name }
        try await client.rebootstrap(retry.hostname, manifest?.definition.bootstrappers ?? [])
      }
    } catch  where error.code == .notFound || error.code == .serverFailed {
      // Pathfinder answers 500 for a container that it does not know. Asking for the whole plan brings back what is
      // missing, and fails as well if Pathfinder is broken.
      try await apply(plan)
    }
  }

  static func state(_ container: PathfinderCodec.Container, _ type: ComponentType) -> ComponentState {
    guard let state = container.state else {
      return ComponentState(
        hostname: container.hostname, type: type, status: .provisioningStarted, ipAddress: container.ipAddress,
        message: "Pathfinder says \(container.status), which is not known here")
    }
    let said = state.status.isError ? "Pathfinder says \(container.status)" : ""
    return ComponentState(
      hostname: container.hostname, type: type, status: state.status, ipAddress: container.ipAddress, message: said)
  }
}
