public import BaritoCore
internal import Synchronization

/// The compiled rules of many apps, by whatever they are looked up by. Compiles them anew only when they change.
public final class Redactors<Key: Hashable & Sendable>: Sendable {
  private let held = Mutex<[Key: Redactor]>([:])

  public init() {}

  /// - Parameter rules: as they are now; nil where nobody knows any more: then the last that were known hold on.
  /// - Returns: the rules, and whether they are new here; nil where there are none.
  public func redactor(for key: Key, _ rules: [RedactionRule]?) -> (redactor: Redactor, isNew: Bool)? {
    let known = held.withLock { held in
      if rules?.isEmpty == true { held[key] = nil }
      return held[key]
    }
    guard let rules, !rules.isEmpty else { return known.map { ($0, false) } }
    if let known, known.source == rules { return (known, false) }
    let made = Redactor(rules)
    held.withLock { $0[key] = made }
    return (made, true)
  }

  /// Rules that are switched off now, because they cost too much.
  public var off: [(key: Key, rule: String)] {
    held.withLock { $0 }.flatMap { key, redactor in redactor.off.map { (key, $0) } }
  }
}
