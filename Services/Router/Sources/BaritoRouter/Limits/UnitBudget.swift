/// One unit (lines or bytes) of one group: how the group's limit is divided among its apps. Pure; apps are positions.
///
/// At each moment the group's limit flows into the purses of its apps in this order:
///
/// 1. An app with a limit of its own gets that limit, whatever the others do. It is a guarantee.
/// 2. What is left is shared by the apps without one, evenly: what an app cannot hold, because its purse is full, goes to
///    those that can (max-min fairness). They get `leastShare` of an even share even where the guarantees of the others
///    use the whole limit up, so that nobody waits for ever.
/// 3. What is left then is idle. Apps that are over their own limit borrow it, evenly as well.
/// 4. What nobody can hold is kept in the pool, for whoever comes first.
///
/// A purse holds `burstSeconds` of its guarantee or of its even share, and the pool the rest of the group's burst, so
/// that apps that burst all at once do not exceed the group's either. Without a group limit only the first step is
/// there: then an app's limit is the most that it may send.
struct UnitBudget: Sendable {
  /// So many seconds of a rate may come at once.
  static let burstSeconds = 10.0
  /// The part of an even share that an app without a limit gets where nothing is left.
  static let leastShare = 0.1

  /// Of all apps together, in units per second, for all Routers together; nil for no limit.
  private(set) var limit: Double?
  /// The Routers that share the limits.
  private(set) var routers = 1.0
  private(set) var purses: [Purse] = []
  /// What no purse can hold.
  private(set) var pool = 0.0
  var use = RecentUse()

  private var poolCapacity = 0.0
  /// What is left for the apps without a limit, in units per second.
  private var rest = 0.0
  /// What one more hungry app gets in a second, beyond its guarantee: the usual of the last second or so.
  private var shareLevel = 0.0
  private var borrowLevel = 0.0

  init(limit: Double? = nil, routers: Double = 1) {
    self.routers = routers
    setLimit(limit)
  }

  // MARK: - Who takes part

  mutating func setLimit(_ limit: Double?) {
    guard limit != self.limit || purses.isEmpty else { return }
    let isNew = self.limit == nil
    self.limit = limit
    if isNew { pool = rate(limit) * UnitBudget.burstSeconds }
    resize()
    if isNew { for index in purses.indices where purses[index].limit == nil { fill(index) } }
  }

  mutating func setRouters(_ routers: Double) {
    guard routers != self.routers else { return }
    self.routers = routers
    resize()
  }

  /// A new app starts with its burst.
  mutating func join(limit: Double?) {
    purses.append(Purse(limit: limit))
    resize()
    fill(purses.count - 1)
  }

  /// The last app takes the place of the one that leaves. What that one had left is the group's.
  mutating func leave(_ index: Int) {
    pool += max(0, purses[index].tokens)
    purses.swapAt(index, purses.count - 1)
    purses.removeLast()
    resize()
  }

  mutating func setLimit(_ limit: Double?, of index: Int) {
    guard purses[index].limit != limit else { return }
    let wasFree = isFree(index)
    purses[index].limit = limit
    resize()
    if wasFree { fill(index) }
  }

  private func rate(_ limit: Double?) -> Double { max(0, limit ?? 0) / routers }

  /// Neither the app nor the group has a limit.
  private func isFree(_ index: Int) -> Bool { limit == nil && purses[index].limit == nil }

  /// Divides the burst anew, after somebody or something changed.
  private mutating func resize() {
    var (promised, sharing) = (0.0, 0)
    for purse in purses {
      if purse.limit == nil { sharing += 1 } else { promised += rate(purse.limit) }
    }
    let group = rate(limit)
    let least = purses.isEmpty ? 0 : UnitBudget.leastShare * group * Double(sharing) / Double(purses.count)
    rest = max(group - promised, least)
    let share = limit == nil || sharing == 0 ? 0 : rest / Double(sharing)
    for index in purses.indices {
      let inflow = purses[index].limit.map { rate($0) } ?? share
      purses[index].capacity = inflow * UnitBudget.burstSeconds
      let excess = purses[index].tokens - purses[index].capacity
      if excess > 0 {
        purses[index].tokens -= excess
        pool += excess
      }
    }
    let held = promised + (sharing > 0 ? rest : 0)
    poolCapacity = limit == nil ? 0 : max(0, group - held) * UnitBudget.burstSeconds
    // What the pool has too much is divided with the next inflow.
    if limit == nil { pool = 0 }
    shareLevel = max(shareLevel, share)
  }

  /// Gives an app its burst: a guaranteed one whole, another as far as the group has it.
  private mutating func fill(_ index: Int) {
    let wanted = purses[index].room
    let given = min(wanted, pool)
    pool -= given
    let least = purses[index].limit == nil ? min(wanted, purses[index].capacity / UnitBudget.burstSeconds) : wanted
    purses[index].tokens += max(given, least)
  }

  // MARK: - Time

  /// Lets the limits flow in for so many seconds.
  mutating func flow(_ seconds: Double) {
    var left = rate(limit) * seconds
    for index in purses.indices {
      guard let own = purses[index].limit else { continue }
      let inflow = rate(own) * seconds
      left -= inflow - purses[index].put(inflow)
    }
    guard limit != nil else { return }
    let surplus = max(0, pool - poolCapacity)
    pool -= surplus
    let sharing = purses.count { $0.limit == nil }
    let least =
      purses.isEmpty
      ? 0 : UnitBudget.leastShare * rate(limit) * seconds * Double(sharing) / Double(purses.count)
    left = max(left, least) + surplus
    let share = spread(&left, toLimited: false)
    let borrowed = spread(&left, toLimited: true)
    pool = min(poolCapacity, pool + left)
    guard seconds > 0 else { return }
    let weight = min(1, seconds)
    shareLevel += (share / seconds - shareLevel) * weight
    borrowLevel += (borrowed / seconds - borrowLevel) * weight
  }

  /// Divides an amount evenly among the apps with, or those without, a limit of their own; what one cannot hold goes to
  /// the others.
  /// - Returns: what one of them that can hold any amount gets, or would have got.
  private mutating func spread(_ amount: inout Double, toLimited: Bool) -> Double {
    var level = 0.0
    // Each round fills a purse or is the last.
    for _ in 0...purses.count where amount > 0 {
      let hungry = purses.count { ($0.limit != nil) == toLimited && $0.room > 0 }
      guard hungry > 0 else { break }
      let part = amount / Double(hungry)
      var taken = 0.0
      var filled = 0
      for index in purses.indices where (purses[index].limit != nil) == toLimited && purses[index].room > 0 {
        if purses[index].room <= part { filled += 1 }
        taken += part - purses[index].put(part)
      }
      level += part
      amount = filled == 0 ? 0 : max(0, amount - taken)
      if filled == 0 { return level }
    }
    return level + amount
  }

  // MARK: - Taking

  /// Whether an app may take something now, if it is owed `credit` more than its purse says.
  func isOpen(_ index: Int, credit: Double = 0) -> Bool {
    isFree(index) || purses[index].tokens + credit > 0 || pool > 0
  }

  /// Whether the app owes nothing.
  func isPaid(_ index: Int) -> Bool { isFree(index) || purses[index].tokens >= 0 }

  /// Seconds until the app's purse is open, as the inflow is now; 0 when it is open, infinite when nothing flows.
  func wait(_ index: Int) -> Double {
    guard !isOpen(index) else { return 0 }
    let inflow = inflow(index)
    return inflow > 0 ? -purses[index].tokens / inflow : .infinity
  }

  /// What an app that is hungry gets in a second.
  private func inflow(_ index: Int) -> Double {
    guard let own = purses[index].limit else {
      return max(shareLevel, purses[index].capacity / UnitBudget.burstSeconds)
    }
    return rate(own) + (limit == nil ? 0 : borrowLevel)
  }

  /// Takes an amount of any size, from the app's purse first, then from the pool; the rest is the app's debt.
  mutating func take(_ index: Int, _ amount: Double) {
    guard !isFree(index) else { return }
    let own = min(max(0, purses[index].tokens), amount)
    let borrowed = min(pool, amount - own)
    pool -= borrowed
    purses[index].tokens -= amount - borrowed
  }

  /// Sets an amount aside that the app was promised.
  mutating func book(_ index: Int, _ amount: Double) {
    guard !isFree(index) else { return }
    purses[index].tokens -= amount
  }

  /// Gives back what was taken or set aside, for the group where the app is full.
  mutating func refund(_ index: Int, _ amount: Double) {
    guard !isFree(index) else { return }
    let overflow = purses[index].put(amount)
    if limit != nil { pool = min(max(pool, poolCapacity), pool + overflow) }
  }

  /// Counts what went through, whatever it was taken from.
  mutating func note(_ index: Int, _ amount: Double, at now: Double) {
    purses[index].use.add(amount, at: now)
    use.add(amount, at: now)
  }

  /// What the app, or all of its group, sent lately.
  mutating func used(_ index: Int, byGroup: Bool, at now: Double) -> Double {
    byGroup ? use.total(at: now) : purses[index].use.total(at: now)
  }
}
