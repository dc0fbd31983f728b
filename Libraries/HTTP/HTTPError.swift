/// Why a server cannot be started, or a body cannot be written.
public struct HTTPError: Error, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable { case invalidAddress, cannotListen, cannotStart, clientLeft, stopped }
  public enum Disposition: Sendable { case retry, reject, fatal }

  public var code: Code
  /// What could not be done, to what, and why; for logs.
  public var detail: String
  public var disposition: Disposition

  public var description: String { detail }
}
