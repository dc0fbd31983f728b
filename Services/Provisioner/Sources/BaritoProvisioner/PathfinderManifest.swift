import BaritoCore

/// One deployment as `POST deployments/batch` takes it: so many equal containers of one image.
struct PathfinderManifest: Codable, Sendable, Equatable {
  var type = "deployment"
  var name: String
  /// The group's cluster: a label of Barito's, where `clusterName` names Pathfinder's own.
  var deploymentClusterName: String
  var clusterName: String
  var desiredReplicas: Int
  /// How many stay up while others are changed.
  var minimumReplicas: Int
  var definition: Definition

  enum CodingKeys: String, CodingKey {
    case type, name
    case deploymentClusterName = "deployment_cluster_name"
    case clusterName = "cluster_name"
    case desiredReplicas = "desired_num_replicas"
    case minimumReplicas = "min_available_replicas"
    case definition
  }

  struct Definition: Codable, Sendable, Equatable {
    /// `stateful` keeps its disk when it is moved.
    var containerType: String
    var strategy = "RollingUpdate"
    var allowFailure = "false"
    var source: Source
    var resource: Resource
    var bootstrappers: [Bootstrapper]
    var healthcheck: HealthCheck

    enum CodingKeys: String, CodingKey {
      case containerType = "container_type"
      case strategy
      case allowFailure = "allow_failure"
      case source, resource, bootstrappers, healthcheck
    }
  }

  /// The LXC image.
  struct Source: Codable, Sendable, Equatable {
    struct Remote: Codable, Sendable, Equatable { var name: String }

    var sourceType = "image"
    var mode: String
    var alias: String
    var remote: Remote
    var fingerprint: String

    enum CodingKeys: String, CodingKey {
      case sourceType = "source_type"
      case mode, alias, remote, fingerprint
    }
  }

  struct Resource: Codable, Sendable, Equatable {
    var cpuLimit: String
    var memoryLimit: String

    enum CodingKeys: String, CodingKey {
      case cpuLimit = "cpu_limit"
      case memoryLimit = "mem_limit"
    }
  }

  /// How a fresh container becomes a component. Only the last one of a list takes effect, so there is one.
  struct Bootstrapper: Codable, Sendable, Equatable {
    var type = "chef-solo"
    var attributes: [String: AttributeValue]
    var cookbooksURL: String

    enum CodingKeys: String, CodingKey {
      case type = "bootstrap_type"
      case attributes = "bootstrap_attributes"
      case cookbooksURL = "bootstrap_cookbooks_url"
    }
  }

  struct HealthCheck: Codable, Sendable, Equatable {
    var type = "tcp"
    var port: Int
    var endpoint = ""
    var payload = ""
    var timeout = ""
  }
}
