/// One parser that takes bytes from outside, and what must be true of it whatever the bytes are.
///
/// A target that finds something untrue traps: libFuzzer keeps the input that did it.
public struct FuzzTarget: Sendable {
  /// The folder of its corpus has the same name.
  public let name: String
  public let run: @Sendable (Span<UInt8>) -> Void

  init(_ name: String, _ run: @escaping @Sendable (Span<UInt8>) -> Void) {
    self.name = name
    self.run = run
  }

  public static let all: [FuzzTarget] = core + router + flow
}

/// Stops the process where something is not as it must be, also in an optimised build.
func require(_ condition: Bool, _ what: @autoclosure () -> String) {
  if !condition { fatalError(what()) }
}
