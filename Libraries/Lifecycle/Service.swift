/// A part of a program that runs until it is asked to end.
public protocol Service: Sendable {
  /// Returns when the service has ended: after `GracefulShutdown.current` was requested and the work in hand is done.
  /// To return earlier, or to throw, ends the whole group.
  func run() async throws
}

/// A service made of a closure.
public struct ServiceOf: Service {
  private let body: @Sendable () async throws -> Void

  public init(_ body: @escaping @Sendable () async throws -> Void) { self.body = body }

  public func run() async throws { try await body() }
}

/// Why a group ended otherwise than by being asked.
public struct ServiceGroupError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// A service returned without having been asked to end.
    case endedEarly
    /// Services were still running when the grace period was over, and were cancelled.
    case graceExceeded
  }
  public var code: Code
  public var services: [String]

  public var description: String {
    let names = services.joined(separator: ", ")
    return switch code {
    case .endedEarly: "the service \(names) ended although nobody asked it to"
    case .graceExceeded: "the grace period ended before \(names) did: raise it, or look for what they wait for"
    }
  }
}
