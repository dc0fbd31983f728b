import BaritoCore

/// What goes over the wire to and from Pathfinder's v2 API for outside applications.
enum PathfinderCodec {
  /// `POST deployments/batch`.
  struct Batch: Codable, Sendable, Equatable { var deployments: [PathfinderManifest] }

  /// `POST containers/{hostname}/rebootstrap`.
  struct Rebootstrap: Codable, Sendable, Equatable { var bootstrappers: [PathfinderManifest.Bootstrapper] }

  /// Every answer.
  struct Envelope<Payload: Decodable>: Decodable {
    var data: Payload?
    var error: Failure?
  }

  /// Of `error` only what a person can use: the backtrace that Pathfinder adds goes nowhere.
  struct Failure: Decodable, Sendable {
    var identifier: String?
    var message: String?
    var messages: [String]?

    enum CodingKeys: String, CodingKey {
      case identifier = "error_ident"
      case message, messages
    }

    var text: String? {
      if let message, !message.isEmpty { return message }
      if let messages, !messages.isEmpty { return messages.joined(separator: "; ") }
      return identifier
    }
  }

  struct Container: Decodable, Sendable, Equatable {
    var hostname: String
    var status: String
    var ipAddress: String?

    enum CodingKeys: String, CodingKey {
      case hostname, status
      case ipAddress = "ipaddress"
    }

    var state: ContainerState? { ContainerState(rawValue: status) }
  }

  /// A list, bare or under `items`.
  struct Containers: Decodable, Sendable {
    var items: [Container]

    enum CodingKeys: CodingKey { case items }

    init(from decoder: any Decoder) throws {
      if let list = try? decoder.singleValueContainer().decode([Container].self) {
        items = list
      } else {
        items = try decoder.container(keyedBy: CodingKeys.self).decode([Container].self, forKey: .items)
      }
    }
  }

  /// Any payload: only that it was accepted matters.
  struct Anything: Decodable, Sendable { init(from decoder: any Decoder) {} }

  /// The states of a container, and what they can become.
  enum ContainerState: String, Sendable, CaseIterable {
    /// → `scheduled`, when a node has room.
    case pending = "PENDING"
    /// → `provisioned`, `provisionError`
    case scheduled = "SCHEDULED"
    /// → `bootstrapStarted`
    case provisioned = "PROVISIONED"
    /// → `scheduled`, by a retry
    case provisionError = "PROVISION_ERROR"
    /// → `bootstrapped`, `bootstrapError`
    case bootstrapStarted = "BOOTSTRAP_STARTED"
    /// → `provisioned`, when its definition changes
    case bootstrapped = "BOOTSTRAPPED"
    /// → `provisioned`, by a retry
    case bootstrapError = "BOOTSTRAP_ERROR"
    /// → `relocateStarted`
    case scheduleRelocation = "SCHEDULE_RELOCATION"
    /// → `provisioned`, `relocateError`
    case relocateStarted = "RELOCATE_STARTED"
    case relocateError = "RELOCATE_ERROR"
    /// → `deleted`
    case scheduleDeletion = "SCHEDULE_DELETION"
    case deleted = "DELETED"

    var status: ProvisioningStatus {
      switch self {
      case .pending: .pending
      case .scheduled, .scheduleRelocation, .relocateStarted: .provisioningStarted
      case .provisioned: .provisioningFinished
      case .provisionError, .relocateError: .provisioningError
      case .bootstrapStarted: .bootstrapStarted
      case .bootstrapped: .bootstrapFinished
      case .bootstrapError: .bootstrapError
      case .scheduleDeletion: .deleteStarted
      case .deleted: .deleted
      }
    }
  }
}
