import BaritoCore

/// What of a deployment is the operator's and not the template's.
struct PathfinderSettings: Sendable, Equatable {
  /// Pathfinder's own cluster of nodes.
  var cluster: String
  var cookbooksURL: String
  /// Alias of the LXC image; `{component}` in it stands for the kind of component.
  var image: String
  /// The registry that images are pulled from.
  var remote: String
  /// Pins the image; empty takes what the alias names.
  var fingerprint: String

  func image(of type: ComponentType) -> String { image.replacing("{component}", with: type.rawValue) }
}

extension ProvisioningPlan {
  /// Pathfinder deployments, one for each kind of component of the template; without any replicas for a deletion.
  init(_ request: ProvisioningRequest, pathfinder settings: PathfinderSettings) {
    let template = request.template
    let isDeletion = request.kind == .delete
    clusterName = request.clusterName
    addressing = .containers(
      partitions: template.kafkaPartitions, replicationFactor: template.kafkaReplicationFactor)
    let builder = ManifestBuilder(
      cluster: request.clusterName, template: template, settings: settings, isDeletion: isDeletion)
    deployments = template.components.filter { $0.count > 0 }.map(builder.manifest)
    instances =
      isDeletion
      ? []
      : template.components.flatMap { component in
        (0..<max(0, component.count)).map { index in
          Instance(
            hostname: Self.hostname(request.clusterName, component.type, number: index + 1), type: component.type)
        }
      }
  }

  /// Pathfinder numbers containers from 01.
  static func hostname(_ cluster: ClusterName, _ type: ComponentType, number: Int) -> String {
    "\(deploymentName(cluster, type))-\(number < 10 ? "0" : "")\(number)"
  }
}

/// Writes the manifests of one cluster.
private struct ManifestBuilder {
  let cluster: ClusterName
  let template: ClusterTemplate
  let settings: PathfinderSettings
  let isDeletion: Bool

  func manifest(_ component: ClusterTemplate.Component) -> PathfinderManifest {
    let count = isDeletion ? 0 : component.count
    return PathfinderManifest(
      name: ProvisioningPlan.deploymentName(cluster, component.type), deploymentClusterName: cluster.rawValue,
      clusterName: settings.cluster, desiredReplicas: count, minimumReplicas: max(0, count - 1),
      definition: .init(
        containerType: component.type.keepsState ? "stateful" : "stateless",
        source: .init(
          mode: "pull", alias: settings.image(of: component.type), remote: .init(name: settings.remote),
          fingerprint: settings.fingerprint),
        resource: .init(cpuLimit: component.cpuLimit, memoryLimit: component.memoryLimit),
        bootstrappers: [.init(attributes: attributes(of: component), cookbooksURL: settings.cookbooksURL)],
        healthcheck: .init(port: ProvisioningPlan.Port.health)))
  }

  private func attributes(of component: ClusterTemplate.Component) -> [String: AttributeValue] {
    var attributes = own(component)
    attributes["run_list"] = ["role[\(component.type.role)]"]
    if component.type != .consul, has(.consul) {
      attributes["consul"] = ["run_as_server": .flag(false), "hosts": addresses(of: .consul)]
    }
    return attributes
  }

  private func own(_ component: ClusterTemplate.Component) -> [String: AttributeValue] {
    switch component.type {
    case .consul:
      ["consul": ["run_as_server": .flag(true), "hosts": addresses(of: .consul)]]
    case .zookeeper:
      [
        "zookeeper": [
          "hosts": .text(
            "$pf-meta:deployment_host_sequences?host=\(ProvisioningPlan.deploymentName(cluster, .zookeeper))"
              + "&self_host=0.0.0.0"),
          "my_id": "$pf-meta:container_id", "port": .number(ProvisioningPlan.Port.zookeeper),
        ]
      ]
    case .kafka:
      [
        "kafka": [
          "zookeeper": peers(.zookeeper, ProvisioningPlan.Port.zookeeper),
          "hosts": addresses(of: .kafka), "hosts_count": .number(component.count),
          "broker_id": "$pf-meta:container_id", "port": .number(ProvisioningPlan.Port.kafka),
          "config": [
            "num.partitions": .number(template.kafkaPartitions),
            "default.replication.factor": .number(template.kafkaReplicationFactor),
            "min.insync.replicas": .number(max(1, template.kafkaReplicationFactor - 1)),
            "auto.create.topics.enable": .flag(false),
          ],
        ]
      ]
    case .elasticsearch:
      [
        "elasticsearch": [
          "cluster_name": .text(cluster.rawValue), "port": .number(ProvisioningPlan.Port.elasticsearch),
          "member_hosts": addresses(of: .elasticsearch),
          "minimum_master_nodes": .number(component.count / 2 + 1),
        ]
      ]
    case .kibana:
      ["kibana": ["elasticsearch": peers(.elasticsearch, ProvisioningPlan.Port.elasticsearch)]]
    case .flow:
      [
        "barito-flow": [
          "cluster_name": .text(cluster.rawValue),
          "kafka": peers(.kafka, ProvisioningPlan.Port.kafka),
          "elasticsearch": peers(.elasticsearch, ProvisioningPlan.Port.elasticsearch),
        ]
      ]
    }
  }

  private func has(_ type: ComponentType) -> Bool { template.components.contains { $0.type == type && $0.count > 0 } }

  /// Where the instances of a component are: Pathfinder fills it in when the container is bootstrapped.
  private func addresses(of type: ComponentType) -> AttributeValue {
    .text("$pf-meta:deployment_ip_addresses?deployment_name=\(ProvisioningPlan.deploymentName(cluster, type))")
  }

  private func peers(_ type: ComponentType, _ port: Int) -> AttributeValue {
    ["hosts": addresses(of: type), "port": .number(port)]
  }
}

extension ComponentType {
  fileprivate var keepsState: Bool {
    switch self {
    case .consul, .zookeeper, .kafka, .elasticsearch: true
    case .kibana, .flow: false
    }
  }

  /// The role of the cookbooks; Flow stands where the first Barito's consumer was.
  fileprivate var role: String { self == .flow ? "barito-flow-consumer" : rawValue }
}
