import BaritoCore

/// The budgets of one group and its apps, and what was promised to whom. Pure: time is given.
struct GroupBudget: Sendable {
  /// What becomes of a batch.
  enum Verdict: Sendable, Equatable {
    case taken
    case refused(IngestLimiter.Excess)
    /// The batch must be told apart from others of its size: ask again with its mark.
    case unclear
  }

  /// What the profiles say now.
  struct Terms: Sendable {
    var app: AppID
    var own: IngestLimits
    var group: IngestLimits
    var routers: Int
    /// Whether a batch that is refused is promised a time to come back at.
    var promises = true
  }

  private struct Member {
    var app: AppID
    /// The first that is due comes first.
    var promises: [RetryPromise] = []
    /// When a batch of it came last.
    var asked: UInt64
  }

  /// Nanoseconds after which an app that sends nothing has no part in its group any more.
  private static let idle: UInt64 = 60_000_000_000
  private static let sweepInterval: UInt64 = 10_000_000_000
  /// Nanoseconds between two inflows for each app: they cost some nanoseconds an app.
  private static let flowInterval: UInt64 = 20_000

  private var members: [Member] = []
  private var positions: [AppID: Int] = [:]
  private var lines: UnitBudget
  private var bytes: UnitBudget
  private var promiseCount = 0
  private var flowed: UInt64
  private var swept: UInt64

  init(_ terms: Terms, now: UInt64) {
    let routers = Double(max(1, terms.routers))
    lines = UnitBudget(limit: terms.group.linesPerSecond.map { Double($0) }, routers: routers)
    bytes = UnitBudget(limit: terms.group.bytesPerSecond.map { Double($0) }, routers: routers)
    flowed = now
    swept = now
  }

  /// Apps that something is kept for.
  var count: Int { members.count }

  /// Promises that are kept.
  var outstanding: Int { promiseCount }

  // MARK: - Admission

  /// Takes a batch, or says why not. All or nothing.
  /// - Parameter mark: what tells the batch apart from others of its size; nil where it was not looked at yet.
  mutating func admit(_ terms: Terms, _ size: BatchSize, mark: Int?, now: UInt64) -> Verdict {
    follow(terms, now)
    flow(to: now)
    let index = join(terms, now)
    members[index].asked = max(now, members[index].asked)
    if !members[index].promises.isEmpty {
      guard let mark else { return .unclear }
      settleLapsed(index, now)
      if redeem(index, size, mark, now) { return taken(index, size, now) }
    }
    let isOpen = lines.isOpen(index) && bytes.isOpen(index)
    if !isOpen {
      guard let mark else { return .unclear }
      guard takeOver(index, now) else { return .refused(refuse(index, terms, size, mark, now)) }
    }
    lines.take(index, Double(size.lines))
    bytes.take(index, Double(size.bytes))
    return taken(index, size, now)
  }

  /// Gives a batch back that was taken and is not stored: its sender sends it again.
  mutating func giveBack(_ app: AppID, _ size: BatchSize) {
    guard let index = positions[app] else { return }
    lines.refund(index, Double(size.lines))
    bytes.refund(index, Double(size.bytes))
    note(index, BatchSize(lines: -size.lines, bytes: -size.bytes), 0)
  }

  private mutating func taken(_ index: Int, _ size: BatchSize, _ now: UInt64) -> Verdict {
    note(index, size, now)
    return .taken
  }

  private mutating func note(_ index: Int, _ size: BatchSize, _ now: UInt64) {
    let seconds = Double(now) / 1e9
    lines.note(index, Double(size.lines), at: seconds)
    bytes.note(index, Double(size.bytes), at: seconds)
  }

  // MARK: - Promises

  /// Takes the promise that was given to this batch, if it is due, or if the app's purse is open earlier than expected.
  private mutating func redeem(_ index: Int, _ size: BatchSize, _ mark: Int, _ now: UInt64) -> Bool {
    let found = members[index].promises.firstIndex { $0.mark == mark && $0.size == size }
    guard let found else { return false }
    let isEarly =
      !members[index].promises[found].isDue(at: now)
      && !(lines.isOpen(index, credit: Double(size.lines)) && bytes.isOpen(index, credit: Double(size.bytes)))
    guard !isEarly else { return false }
    members[index].promises.remove(at: found)
    promiseCount -= 1
    return true
  }

  /// Takes the place of a batch that did not come back.
  private mutating func takeOver(_ index: Int, _ now: UInt64) -> Bool {
    guard members[index].promises.first?.hasLapsed(at: now) == true else { return false }
    let promise = members[index].promises.removeFirst()
    promiseCount -= 1
    refund(index, promise)
    return true
  }

  /// Forgets promises whose batches did not come back: all of them when none is left that stands behind one, else those
  /// that are long over.
  private mutating func settleLapsed(_ index: Int, _ now: UInt64) {
    guard let first = members[index].promises.first, let last = members[index].promises.last else { return }
    let all = last.hasLapsed(at: now)
    guard all || first.isForgotten(at: now) else { return }
    let over = members[index].promises.prefix { all || $0.isForgotten(at: now) }
    members[index].promises.removeFirst(over.count)
    promiseCount -= over.count
    for promise in over { refund(index, promise) }
  }

  private mutating func refund(_ index: Int, _ promise: RetryPromise) {
    lines.refund(index, Double(promise.size.lines))
    bytes.refund(index, Double(promise.size.bytes))
  }

  private mutating func refuse(
    _ index: Int, _ terms: Terms, _ size: BatchSize, _ mark: Int, _ now: UInt64
  ) -> IngestLimiter.Excess {
    let waits = (lines: lines.wait(index), bytes: bytes.wait(index))
    let unit: IngestLimiter.Excess.Unit = waits.lines >= waits.bytes ? .lines : .bytes
    let wait = max(waits.lines, waits.bytes)
    let (own, group) =
      unit == .lines
      ? (terms.own.linesPerSecond, terms.group.linesPerSecond)
      : (terms.own.bytesPerSecond, terms.group.bytesPerSecond)
    var excess = IngestLimiter.Excess(
      holder: own == nil ? .group : .app, unit: unit, limit: own ?? group ?? 0, routers: terms.routers)
    let seconds = Double(now) / 1e9
    let used =
      unit == .lines
      ? lines.used(index, byGroup: own == nil, at: seconds) : bytes.used(index, byGroup: own == nil, at: seconds)
    excess.used = Int(min(1e15, used))
    guard wait.isFinite else { return excess }
    // Far below the highest number, whatever the debt.
    var due = now.addingReportingOverflow(UInt64(min(wait * 1e9, 1e18)) + 1_000).partialValue
    if terms.promises {
      let (same, last) = alike(index, size, mark)
      if same >= RetryPromise.mostOfOne {
        due = max(last, now)
      } else if members[index].promises.count < RetryPromise.mostOfApp, promiseCount < RetryPromise.mostOfGroup {
        insert(RetryPromise(size: size, mark: mark, due: due), index)
        promiseCount += 1
        lines.book(index, Double(size.lines))
        bytes.book(index, Double(size.bytes))
      }
    }
    excess.retryAfter = .nanoseconds(due &- now)
    return excess
  }

  /// How many promises were given to batches that cannot be told apart from this one, and when the last is due.
  private func alike(_ index: Int, _ size: BatchSize, _ mark: Int) -> (count: Int, last: UInt64) {
    var (count, last) = (0, UInt64(0))
    for promise in members[index].promises where promise.mark == mark && promise.size == size {
      count += 1
      last = promise.due
    }
    return (count, last)
  }

  private mutating func insert(_ promise: RetryPromise, _ index: Int) {
    // Nearly always the last: each stands behind those before.
    let before = members[index].promises.lastIndex { $0.due <= promise.due }
    members[index].promises.insert(promise, at: before.map { $0 + 1 } ?? 0)
  }

  // MARK: - Time and members

  private mutating func follow(_ terms: Terms, _ now: UInt64) {
    let routers = Double(max(1, terms.routers))
    lines.setRouters(routers)
    bytes.setRouters(routers)
    lines.setLimit(terms.group.linesPerSecond.map { Double($0) })
    bytes.setLimit(terms.group.bytesPerSecond.map { Double($0) })
    if let index = positions[terms.app] {
      lines.setLimit(terms.own.linesPerSecond.map { Double($0) }, of: index)
      bytes.setLimit(terms.own.bytesPerSecond.map { Double($0) }, of: index)
    }
  }

  private mutating func flow(to now: UInt64) {
    // A clock that goes back brings nothing, and takes nothing.
    guard now > flowed, now - flowed >= GroupBudget.flowInterval * UInt64(max(1, members.count)) else { return }
    let seconds = Double(now - flowed) / 1e9
    flowed = now
    lines.flow(seconds)
    bytes.flow(seconds)
    if now - min(now, swept) >= GroupBudget.sweepInterval { sweep(now) }
  }

  private mutating func join(_ terms: Terms, _ now: UInt64) -> Int {
    if let index = positions[terms.app] { return index }
    members.append(Member(app: terms.app, asked: now))
    lines.join(limit: terms.own.linesPerSecond.map { Double($0) })
    bytes.join(limit: terms.own.bytesPerSecond.map { Double($0) })
    positions[terms.app] = members.count - 1
    return members.count - 1
  }

  /// Forgets apps that have sent nothing for a while and owe nothing.
  mutating func sweep(_ now: UInt64) {
    swept = now
    for index in members.indices.reversed() where now > members[index].asked {
      settleLapsed(index, now)
      guard
        now - members[index].asked >= GroupBudget.idle, members[index].promises.isEmpty, lines.isPaid(index),
        bytes.isPaid(index)
      else { continue }
      leave(index)
    }
  }

  /// Forgets all apps but these.
  mutating func keep(_ apps: Set<AppID>) {
    for index in members.indices.reversed() where !apps.contains(members[index].app) { leave(index) }
  }

  private mutating func leave(_ index: Int) {
    promiseCount -= members[index].promises.count
    positions[members[index].app] = nil
    members.swapAt(index, members.count - 1)
    members.removeLast()
    lines.leave(index)
    bytes.leave(index)
    if index < members.count { positions[members[index].app] = index }
  }
}
