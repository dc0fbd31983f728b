/// Why a server cannot be started.
public struct StreamError: Error, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable { case invalidAddress, cannotListen, cannotStart, invalidCertificate }
  public enum Disposition: Sendable { case retry, reject, fatal }

  public var code: Code
  /// What could not be done, to what, why, and how to mend it; for logs.
  public var detail: String
  public var disposition: Disposition

  public var description: String { detail }
}
