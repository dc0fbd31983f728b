extension IngestLimiter {
  /// What a limit refused, in numbers for the person who meets it.
  struct Excess: Sendable, Equatable {
    enum Unit: String, Sendable { case lines, bytes }
    enum Holder: String, Sendable { case app, group }
    var holder: Holder
    var unit: Unit
    /// Per second, of all Routers together, as the profile has it.
    var limit: Int
    /// After so long this batch is taken; nil when that is never.
    var retryAfter: Duration?
    /// What the holder of the limit sent through this Router in the last `RecentUse.window` seconds.
    var used = 0
    /// The Routers that share the limit.
    var routers = 1

    /// What this Router's part of the limit lets through in the window that `used` counts.
    var quota: Int { Excess.quota(of: limit, routers: routers) }

    static func quota(of limit: Int, routers: Int) -> Int {
      max(0, Int(min(1e15, Double(limit) * RecentUse.window / Double(max(1, routers)))))
    }
  }
}
