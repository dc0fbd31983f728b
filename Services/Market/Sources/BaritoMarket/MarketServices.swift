public import Logging

/// Everything that controllers of pages and of the API work with: the one value that they are given.
public struct MarketServices: Sendable {
  public let accounts: Accounts
  public let groups: Groups
  public let apps: Apps
  public let members: Members
  public let platform: Platform
  public let redaction: RedactionRules
  public let authenticator: Authenticator
  /// What new groups and apps get, and where lines are sent.
  public let settings: OperationSettings
  /// Where people reach Market, without a slash at its end.
  public let publicURL: String
  /// Where people reach Kibana through the Router, without a slash at its end.
  public let viewerURL: String
  /// Where lines are followed live, without a slash at its end.
  public let tailURL: String
  /// Milliseconds since 1970.
  public let clock: @Sendable () -> Int64
  public let logger: Logger
  let profiles: ProfilePages
  let requests: ServiceRequests

  init(
    database: Database, changes: ChangeSignal, hasher: PasswordHasher, addresses: MarketAddresses,
    settings: OperationSettings, serviceToken: String, clock: @escaping @Sendable () -> Int64, logger: Logger
  ) {
    authenticator = Authenticator(
      database: database, serviceToken: serviceToken, cookie: SessionCookie(isSecure: addresses.isSecure))
    accounts = Accounts(database: database, hasher: hasher, clock: clock)
    groups = Groups(database: database, settings: settings, clock: clock)
    apps = Apps(database: database, settings: settings, clock: clock)
    members = Members(database: database)
    platform = Platform(database: database)
    redaction = RedactionRules(database: database)
    profiles = ProfilePages(database: database, changes: changes)
    requests = ServiceRequests(database: database, authenticator: authenticator)
    self.settings = settings
    publicURL = addresses.publicURL
    viewerURL = addresses.viewerURL
    tailURL = addresses.tailURL
    self.clock = clock
    self.logger = logger
  }

  /// Where the first administrator chooses a name and a password.
  public func setupURL(_ link: String) -> String { "\(publicURL)/setup/\(link)" }

  /// Where a user chooses a password.
  public func passwordURL(_ link: String) -> String { "\(publicURL)/password/\(link)" }
}

/// Where the parts of the platform are, for people and senders.
public struct MarketAddresses: Sendable, Equatable {
  public var publicURL: String
  public var viewerURL: String
  public var tailURL: String

  public init(publicURL: String, viewerURL: String, tailURL: String) {
    self.publicURL = publicURL
    self.viewerURL = viewerURL
    self.tailURL = tailURL
  }

  /// Whether cookies are for TLS only: always, but where Market is on loopback without it.
  var isSecure: Bool { publicURL.hasPrefix("https://") || !isLoopback }

  /// Whether the public URL names this machine alone.
  var isLoopback: Bool {
    guard let scheme = publicURL.utf8.firstRange(of: "://".utf8) else { return false }
    let authority = publicURL[scheme.upperBound...].prefix { $0 != "/" }
    if authority.hasPrefix("[::1]") { return true }
    let host = authority.prefix { $0 != ":" }
    let isAddress = host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }
    return host == "localhost" || host.hasSuffix(".localhost") || (isAddress && host.hasPrefix("127."))
  }
}
