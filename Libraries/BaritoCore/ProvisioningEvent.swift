/// What the Provisioner tells of a request, step by step and component by component.
///
/// A step that is done again after a crash sends its events again: Market keeps the first of each
/// `(request, status, component)`, and the state only moves forward in `ProvisioningStatus.order`, but for an error,
/// which a later step overrules.
public struct ProvisioningEvent: Codable, Sendable, Equatable {
  public static let currentVersion = 1

  public var version: Int
  public var requestID: String
  public var clusterName: ClusterName
  public var status: ProvisioningStatus
  /// Host name of the component that this is about; nil when it is about the whole group.
  public var component: String?
  /// For a person: what happened, and where it failed, what to do.
  public var message: String
  /// All components as the driver reports them, where it has any.
  public var components: [ComponentState]
  /// Where the cluster is, from the moment that it can be reached.
  public var cluster: ClusterEndpoints?
  /// Milliseconds since 1970.
  public var at: Int64

  public init(
    requestID: String, clusterName: ClusterName, status: ProvisioningStatus, component: String? = nil,
    message: String = "", components: [ComponentState] = [], cluster: ClusterEndpoints? = nil, at: Int64
  ) {
    version = ProvisioningEvent.currentVersion
    self.requestID = requestID
    self.clusterName = clusterName
    self.status = status
    self.component = component
    self.message = message
    self.components = components
    self.cluster = cluster
    self.at = at
  }

  enum CodingKeys: String, CodingKey {
    case version
    case requestID = "request_id"
    case clusterName = "cluster_name"
    case status, component, message, components, cluster
    case at = "at_ms"
  }
}

/// One instance of a component, as the driver sees it.
public struct ComponentState: Codable, Sendable, Equatable {
  public var hostname: String
  public var type: ComponentType
  public var status: ProvisioningStatus
  public var ipAddress: String?
  public var message: String

  public init(
    hostname: String, type: ComponentType, status: ProvisioningStatus, ipAddress: String? = nil, message: String = ""
  ) {
    self.hostname = hostname
    self.type = type
    self.status = status
    self.ipAddress = ipAddress
    self.message = message
  }

  enum CodingKeys: String, CodingKey {
    case hostname, type, status
    case ipAddress = "ip_address"
    case message
  }
}

public enum ProvisioningStatus: String, Codable, Sendable, CaseIterable {
  case pending = "PENDING"
  case deploymentStarted = "DEPLOYMENT_STARTED"
  case deploymentFinished = "DEPLOYMENT_FINISHED"
  case deploymentError = "DEPLOYMENT_ERROR"
  case provisioningStarted = "PROVISIONING_STARTED"
  case provisioningFinished = "PROVISIONING_FINISHED"
  case provisioningError = "PROVISIONING_ERROR"
  case bootstrapStarted = "BOOTSTRAP_STARTED"
  case bootstrapFinished = "BOOTSTRAP_FINISHED"
  case bootstrapError = "BOOTSTRAP_ERROR"
  case verifying = "VERIFYING"
  /// The cluster stands, but no line came through it.
  case verifyError = "VERIFY_ERROR"
  case finished = "FINISHED"
  case deleteStarted = "DELETE_STARTED"
  case deleteError = "DELETE_ERROR"
  case deleted = "DELETED"

  public var isError: Bool {
    switch self {
    case .deploymentError, .provisioningError, .bootstrapError, .verifyError, .deleteError: true
    default: false
    }
  }

  /// How far along this is; an error stands where its step does.
  public var order: Int {
    switch self {
    case .pending: 0
    case .deploymentStarted: 1
    case .deploymentError: 2
    case .deploymentFinished: 3
    case .provisioningStarted: 4
    case .provisioningError: 5
    case .provisioningFinished: 6
    case .bootstrapStarted: 7
    case .bootstrapError: 8
    case .bootstrapFinished: 9
    case .verifying: 10
    case .verifyError: 11
    case .finished: 12
    case .deleteStarted: 13
    case .deleteError: 14
    case .deleted: 15
    }
  }
}
