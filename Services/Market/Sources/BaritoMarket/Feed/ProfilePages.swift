public import BaritoCore

/// Answers the profile feed: what changed, or when nothing did, waits until something does.
public struct ProfilePages: Sendable {
  private let database: Database
  private let changes: ChangeSignal

  /// Groups and apps on a page.
  static let pageSize = 1_000
  /// The longest wait, in seconds.
  static let longestWait = 60

  init(database: Database, changes: ChangeSignal) {
    self.database = database
    self.changes = changes
  }

  /// What changed after a version.
  ///
  /// A version of the future was given out by a database that has been replaced by its backup: the answer has the
  /// version that there is, which is lower, and who asks begins anew.
  /// - Parameter wait: in seconds; how long the answer may take when there is nothing new.
  public func page(after version: Int64, wait: Int) async throws -> ProfilePage {
    let deadline = ContinuousClock.now + .seconds(min(max(wait, 0), ProfilePages.longestWait))
    while true {
      let generation = changes.generation
      let page = try await database.snapshot { transaction in
        try await ProfileStore(transaction).page(after: version, limit: ProfilePages.pageSize)
      }
      let remaining = deadline - ContinuousClock.now
      if page.version != version || remaining <= .zero || changes.isEnded || Task.isCancelled { return page }
      await changes.wait(since: generation, timeout: remaining)
    }
  }
}
