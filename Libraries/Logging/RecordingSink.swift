import Synchronization

/// Keeps events in memory, for tests.
public final class RecordingSink: LogSink {
  public struct Event: Sendable, Equatable {
    public var level: Logger.Level
    public var message: String
    public var metadata: Logger.Metadata
  }

  private let kept = Mutex<[Event]>([])

  public init() {}

  public func write(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
    kept.withLock { $0.append(Event(level: level, message: message, metadata: metadata)) }
  }

  /// In the order written.
  public var events: [Event] { kept.withLock { $0 } }

  /// The messages of all events of at least this level.
  public func messages(atLeast level: Logger.Level = .trace) -> [String] {
    events.filter { $0.level >= level }.map(\.message)
  }
}
