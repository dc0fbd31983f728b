import BaritoCore
import Synchronization

/// Bytes of each app that are in memory: bodies that are being read, and lines that wait for Kafka. An app whose Kafka is
/// slow, or whose senders are, meets its own bound before it has eaten the memory of all.
///
/// The bound is met, not kept to the byte: an app that is below it may take one more batch, however large, so that
/// none is too large for ever.
final class AppBytes: Sendable {
  private struct Use {
    var reading = 0
    var sending = 0
    var inMemory: Int { reading + sending }
    var isNothing: Bool { reading == 0 && sending == 0 }
  }

  /// A body that is being read or whose answer is awaited; gives its bytes back when the last one lets go of it.
  final class Body: Sendable {
    private let owner: AppBytes
    private let app: AppID
    private let bytes: Int

    fileprivate init(_ owner: AppBytes, _ app: AppID, _ bytes: Int) {
      (self.owner, self.app, self.bytes) = (owner, app, bytes)
    }

    deinit { owner.change(app) { $0.reading -= bytes } }
  }

  /// Of one app, in bytes.
  let limit: Int
  private let uses = Mutex<[AppID: Use]>([:])

  init(limit: Int = .max) { self.limit = limit }

  /// Takes room for a body, or refuses it before it is read.
  ///
  /// - Parameter bytes: its declared length; 0 for a body that does not tell, which is counted once it is sent.
  func read(_ bytes: Int, of app: AppID) throws(Refusal) -> Body {
    try take(app, \.inMemory) { $0.reading += bytes }
    return Body(self, app, bytes)
  }

  /// Takes room for lines on their way to Kafka, or refuses them. Pair with `sent`.
  func send(_ bytes: Int, of app: AppID) throws(Refusal) {
    try take(app, \.sending) { $0.sending += bytes }
  }

  /// They are in Kafka, or will not be.
  func sent(_ bytes: Int, of app: AppID) { change(app) { $0.sending -= bytes } }

  /// Of all apps.
  var total: Int { uses.withLock { $0.values.reduce(0) { $0 + $1.reading + $1.sending } } }

  private func take(_ app: AppID, _ used: (Use) -> Int, _ body: (inout Use) -> Void) throws(Refusal) {
    let held = uses.withLock { uses -> Int? in
      var use = uses[app] ?? Use()
      let held = used(use)
      guard held < limit else { return held }
      body(&use)
      uses[app] = use
      return nil
    }
    guard let held else { return }
    throw Refusal(
      .appBusy,
      "\(held) bytes of this app are in memory, waiting for its Kafka or its senders, and \(limit) are allowed; "
        + "send the batch again.", retryAfter: .seconds(1), members: [("limit", limit)])
  }

  private func change(_ app: AppID, _ body: (inout Use) -> Void) {
    uses.withLock { uses in
      guard var use = uses[app] else { return }
      body(&use)
      uses[app] = use.isNothing ? nil : use
    }
  }
}
