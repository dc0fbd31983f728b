import BaritoCore

/// The directory that readers see, and beside it the one that is read from the beginning: at the first start, and again
/// when the feed went back. Pure: what a page changes is decided here.
///
/// Readers never see a directory of which only some pages have come: to them it would seem that apps of the others do
/// not exist.
struct FeedState {
  /// What came of a page.
  enum Outcome: Equatable {
    /// There was nothing new in it.
    case unchanged
    /// Nothing but the number of Routers.
    case recounted
    /// Something of it counts, and more can be had at once.
    case partial
    /// Readers see all there is, and it is worth keeping.
    case complete
    /// Market says that there is nothing at all, to a service that knows better: what is known stays.
    case emptied
  }

  private(set) var directory = ProfileDirectory()
  /// Not nil while everything is read from the beginning.
  private(set) var rebuilt: ProfileDirectory? = ProfileDirectory()
  /// Whether readers see all that there was at some time.
  private(set) var isComplete = false

  /// How many Routers share limits: the last number that was heard, 1 before there was one.
  private(set) var routers = 1

  /// All that is worth keeping.
  var snapshot: ProfilePage {
    var page = directory.snapshot
    page.routers = routers
    return page
  }

  /// The version to ask for what comes after.
  var version: Int64 { rebuilt?.version ?? directory.version }

  mutating func apply(_ page: ProfilePage) -> Outcome {
    let before = routers
    if let counted = page.routers { routers = max(1, counted) }
    let outcome = applyProfiles(page)
    return outcome == .unchanged && routers != before ? .recounted : outcome
  }

  private mutating func applyProfiles(_ page: ProfilePage) -> Outcome {
    if let fresh = rebuilt {
      // The only reference, so that a page costs what is in it.
      rebuilt = nil
      return rebuild(fresh, page)
    }
    if page.version < directory.version {
      // Market was restored from a backup. What it knows is the truth, but readers keep what they have until all of it
      // has been read again.
      rebuilt = ProfileDirectory()
      return .partial
    }
    guard page.version > directory.version else { return .unchanged }
    directory.apply(page)
    return page.more ? .partial : .complete
  }

  private mutating func rebuild(_ known: consuming ProfileDirectory, _ page: ProfilePage) -> Outcome {
    var fresh = known
    guard page.version >= fresh.version else {
      rebuilt = ProfileDirectory()
      return .unchanged
    }
    let isNew = page.version > fresh.version
    fresh.apply(page)
    if page.more {
      rebuilt = fresh
      return isNew ? .partial : .unchanged
    }
    if fresh.groups.isEmpty, !directory.groups.isEmpty {
      // A wrong address or a lost database must not switch every app off: deletions come one by one, as tombstones.
      rebuilt = fresh
      return isNew ? .emptied : .unchanged
    }
    directory = fresh
    isComplete = true
    return .complete
  }

  /// Takes over what was kept on disk.
  mutating func restore(_ page: ProfilePage) {
    guard page.version > directory.version, !page.more else { return }
    directory = ProfileDirectory()
    directory.apply(page)
    routers = max(1, page.routers ?? 1)
    rebuilt = nil
    isComplete = true
  }

  /// Takes over an app that did not come by the feed. What the feed said of it is newer and stays.
  mutating func learn(_ app: AppProfile) {
    guard directory.apps[app.id] == nil else { return }
    directory.apply(ProfilePage(version: 0, apps: [app]))
  }
}
