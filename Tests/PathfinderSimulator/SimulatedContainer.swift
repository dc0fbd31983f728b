/// A container as Pathfinder tells of it.
public struct SimulatedContainer: Codable, Sendable, Equatable {
  public var hostname: String
  /// The deployment that it belongs to.
  public var deployment: String
  /// As Pathfinder spells it: `PENDING`, `SCHEDULED`, …
  public var status: String
  /// From the moment that it is provisioned.
  public var ipaddress: String?
  /// The definition that it was made or last set up with, as bytes of JSON.
  var definition: String

  enum CodingKeys: String, CodingKey { case hostname, deployment, status, ipaddress, definition }
}

/// A deployment as it was last asked for.
public struct SimulatedDeployment: Sendable, Equatable {
  public var name: String
  public var desiredReplicas: Int
  /// The bootstrappers, as JSON with sorted keys.
  public var bootstrappers: String
}
