public import Lifecycle

/// Something that only has to be closed when the service stops, in its place among the parts.
public struct Closing: Service {
  private let close: @Sendable () async -> Void

  public init(_ close: @escaping @Sendable () async -> Void) { self.close = close }

  public func run() async {
    await GracefulShutdown.current.wait()
    await close()
  }
}
