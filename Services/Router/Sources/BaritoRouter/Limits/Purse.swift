/// What one app may still send of one unit (lines or bytes), in debt after a take that was larger than what was there.
struct Purse: Sendable {
  /// The app's own limit in units per second, for all Routers together; nil when it has none.
  var limit: Double?
  /// What may be taken now. Zero and less is closed: until what was taken too much, and what was promised, is paid.
  var tokens = 0.0
  /// The most that is kept for later: the burst.
  var capacity = 0.0
  /// What was taken lately.
  var use = RecentUse()

  /// What may be added before it is full.
  var room: Double { max(0, capacity - tokens) }

  /// - Returns: what did not fit.
  mutating func put(_ amount: Double) -> Double {
    let room = room
    guard amount >= room else {
      tokens += amount
      return 0
    }
    // Not by adding: what is full must be so in spite of rounding.
    if room > 0 { tokens = capacity }
    return amount - room
  }
}
