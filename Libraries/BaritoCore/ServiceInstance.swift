/// Who asks for the profile feed: Market counts the instances of a service by it.
public struct ServiceInstance: Sendable, Hashable {
  /// Routers are counted, as they share limits.
  public static let router = "router"
  /// Of either name, in bytes.
  public static let longestName = 200

  /// Such as `router`.
  public var service: String
  /// Tells the processes of a service apart.
  public var instance: String

  public init(service: String, instance: String) {
    self.service = service
    self.instance = instance
  }

  /// Whether both names are there, of letters, digits and `.-_:` only, and not too long.
  public var isValid: Bool { [service, instance].allSatisfy(ServiceInstance.isName) }

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= longestName
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: ".-_:".utf8.contains(byte)
        }
      }
  }
}
