internal import BaritoService
internal import Logging
internal import Postgres

/// What `barito-market` does besides serving. Each prints its result on standard output, and nothing else.
enum MarketCommands {
  @Sendable static func migrate(_ configuration: MarketConfiguration, _ context: ServiceContext) async throws {
    for name in try await MarketSchema.migrate(configuration.database) { ProgramOutput.print("\(name)\n") }
  }

  @Sendable static func firstAdministrator(
    _ configuration: MarketConfiguration, _ context: ServiceContext
  ) async throws {
    try await withServices(configuration, context) { services in
      guard let link = try await services.accounts.makeFirstAdministratorLink() else {
        ProgramOutput.print("There is an administrator already: sign in at \(services.publicURL).\n")
        return
      }
      ProgramOutput.print("\(services.setupURL(link))\n")
    }
  }

  @Sendable static func createToken(_ configuration: MarketConfiguration, _ context: ServiceContext) async throws {
    guard let order = configuration.token else { return }
    try await withServices(configuration, context) { services in
      let token = try await services.accounts.createSystemToken(name: order.name, scopes: order.scopes)
      ProgramOutput.print("\(token.value)\n")
    }
  }

  private static func withServices(
    _ configuration: MarketConfiguration, _ context: ServiceContext, _ work: (MarketServices) async throws -> Void
  ) async throws {
    _ = try await MarketSchema.migrate(configuration.database)
    let pool = PostgresPool(configuration.database, limit: 2)
    try await work(MarketServices(configuration, Database(pool), changes: ChangeSignal(), context))
    await pool.close()
  }
}

extension MarketServices {
  init(
    _ configuration: MarketConfiguration, _ database: Database, changes: ChangeSignal, _ context: ServiceContext
  ) {
    let clock = context.clock
    self.init(
      database: database, changes: changes, hasher: PasswordHasher(), addresses: configuration.addresses,
      settings: configuration.operations, serviceToken: configuration.serviceToken,
      clock: { clock.wallMilliseconds }, logger: context.logger)
  }
}
