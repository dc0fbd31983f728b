public import BaritoCore

/// Answers the profile feed: what changed, or when nothing did, waits until something does.
public struct ProfilePages: Sendable {
  private let database: Database
  private let changes: ChangeSignal

  /// Groups and apps on a page.
  static let pageSize = 1_000
  /// The longest wait, in seconds.
  static let longestWait = 60
  /// How often a waiting answer looks for Routers that are gone without a word.
  static let lookInterval = Duration.seconds(5)

  init(database: Database, changes: ChangeSignal) {
    self.database = database
    self.changes = changes
  }

  /// What changed after a version.
  ///
  /// A version of the future was given out by a database that has been replaced by its backup: the answer has the
  /// version that there is, which is lower, and who asks begins anew.
  /// - Parameters:
  ///   - wait: in seconds; how long the answer may take when there is nothing new.
  ///   - instance: who asks, and is counted from now on; nil is not.
  ///   - routers: the number of Routers that is known to who asks: another one is new. Nil where it does not matter.
  public func page(
    after version: Int64, wait: Int, from instance: ServiceInstance? = nil, routers: Int? = nil
  ) async throws -> ProfilePage {
    let deadline = ContinuousClock.now + .seconds(min(max(wait, 0), ProfilePages.longestWait))
    if let instance { try await database.transaction { try await InstanceStore($0).note(instance) } }
    while true {
      let generation = changes.generation
      let page = try await database.snapshot { transaction in
        var page = try await ProfileStore(transaction).page(after: version, limit: ProfilePages.pageSize)
        let count = try await InstanceStore(transaction).count(of: ServiceInstance.router)
        page.routers = count > 0 ? count : nil
        return page
      }
      let isRecounted = routers != nil && page.routers != nil && page.routers != routers
      let remaining = deadline - ContinuousClock.now
      if page.version != version || isRecounted || remaining <= .zero || changes.isEnded || Task.isCancelled {
        return page
      }
      await changes.wait(
        since: generation, timeout: routers == nil ? remaining : min(remaining, ProfilePages.lookInterval))
    }
  }

  /// An instance asks no more: it is not counted from now on.
  public func leave(_ instance: ServiceInstance) async throws {
    try await database.transaction { try await InstanceStore($0).remove(instance) }
  }
}
