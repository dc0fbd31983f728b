/// Writes events of a program to its log: a constant sentence, and data beside it.
///
/// A `Logger` is a value: cheap to copy, safe to share. Libraries take one, they never make one. Levels in libraries
/// are `info` and below; an error that is thrown is not logged as well.
public struct Logger: Sendable {
  public typealias Metadata = [String: String]

  public enum Level: String, Sendable, Comparable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    public static func < (a: Level, b: Level) -> Bool { a.order < b.order }
    private var order: Int { Level.allCases.firstIndex(of: self) ?? 0 }
  }

  public var level: Level
  /// Sent with every event of this logger; the event's own metadata wins.
  public var metadata: Metadata
  private let sink: any LogSink

  public init(_ sink: some LogSink, level: Level = .info, metadata: Metadata = [:]) {
    self.sink = sink
    self.level = level
    self.metadata = metadata
  }

  /// A logger that writes nothing, for tests and defaults.
  public static let silent = Logger(SilentLogSink(), level: .critical)

  public func log(_ level: Level, _ message: @autoclosure () -> String, _ metadata: @autoclosure () -> Metadata = [:]) {
    guard level >= self.level else { return }
    sink.write(level, message(), self.metadata.merging(metadata()) { _, event in event })
  }

  public func debug(_ message: @autoclosure () -> String, _ metadata: @autoclosure () -> Metadata = [:]) {
    log(.debug, message(), metadata())
  }
  public func info(_ message: @autoclosure () -> String, _ metadata: @autoclosure () -> Metadata = [:]) {
    log(.info, message(), metadata())
  }
  public func notice(_ message: @autoclosure () -> String, _ metadata: @autoclosure () -> Metadata = [:]) {
    log(.notice, message(), metadata())
  }
  public func warning(_ message: @autoclosure () -> String, _ metadata: @autoclosure () -> Metadata = [:]) {
    log(.warning, message(), metadata())
  }
  public func error(_ message: @autoclosure () -> String, _ metadata: @autoclosure () -> Metadata = [:]) {
    log(.error, message(), metadata())
  }

  /// A copy that sends these data with every event.
  public func with(_ metadata: Metadata) -> Logger {
    var copy = self
    copy.metadata.merge(metadata) { _, new in new }
    return copy
  }
}

/// Where events end. Called from any thread.
public protocol LogSink: Sendable {
  func write(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata)
}

struct SilentLogSink: LogSink {
  func write(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {}
}
