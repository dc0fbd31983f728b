/// A thread of its own for blocking calls that no handle owns, such as files and password hashes. One call at a time.
public actor BlockingThread {
  private nonisolated let executor: BlockingExecutor
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// - Parameter label: shows in debuggers and crash logs.
  public init(label: String) { executor = BlockingExecutor(label: label) }

  /// Runs the work on the thread, after what was given before.
  public func run<Value: Sendable>(_ work: @Sendable () throws -> Value) rethrows -> Value { try work() }
}
