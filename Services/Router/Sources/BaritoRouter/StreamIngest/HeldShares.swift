import BaritoCore

/// How many bytes of batches that are not safe yet the connections of one listener hold, in all and for each app, and who
/// waits until it is less. Pure.
struct HeldShares {
  /// Over so many bytes in all nobody begins a batch.
  let limit: Int
  /// Over so many bytes of one app none of its connections does: its trouble with Kafka is not that of others.
  let appLimit: Int

  private(set) var used = 0
  private var apps: [AppID: Int] = [:]
  private var waiting: [UInt64: AppID?] = [:]

  init(limit: Int) {
    self.limit = limit
    appLimit = max(1, limit / 4)
  }

  /// Whether a connection may begin a batch; when not, it is in the list of those that wait.
  mutating func ask(_ id: UInt64, for app: AppID?) -> Bool {
    guard used < limit, app.map({ apps[$0, default: 0] < appLimit }) ?? true else {
      waiting[id] = .some(app)
      return false
    }
    waiting[id] = nil
    return true
  }

  /// Taken whatever the limits say, by whoever was let begin.
  mutating func take(_ bytes: Int, of app: AppID?) {
    used += bytes
    if let app { apps[app, default: 0] += bytes }
  }

  /// - Returns: who is to ask again. They are woken where a limit's half is crossed, not with each batch.
  mutating func giveBack(_ bytes: Int, of app: AppID?) -> [UInt64] {
    let isRoom = used > limit / 2 && used - bytes <= limit / 2
    used -= bytes
    var isRoomForApp = false
    if let app, let held = apps[app] {
      isRoomForApp = held > appLimit / 2 && held - bytes <= appLimit / 2
      apps[app] = held > bytes ? held - bytes : nil
    }
    guard isRoom || isRoomForApp, !waiting.isEmpty else { return [] }
    let woken = waiting.filter { isRoom || $0.value == app }.map(\.key)
    for id in woken { waiting[id] = nil }
    return woken
  }

  mutating func leave(_ id: UInt64) { waiting[id] = nil }
}
