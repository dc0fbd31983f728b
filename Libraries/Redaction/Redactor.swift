public import BaritoCore
internal import Regex
internal import Synchronization

/// The redaction rules of one app, compiled once and used from any thread. `RedactionPass` applies them.
public final class Redactor: Sendable {
  struct Rule: Sendable {
    enum Target: Sendable {
      case pattern(RegularExpression)
      case path(RedactionPath)
    }

    var name: String
    /// What is written instead: `[CARD REDACTED]`.
    var placeholder: [UInt8]
    var target: Target
    var hintStart: Int
    var hintEnd: Int
  }

  /// As they were given.
  public let source: [RedactionRule]
  /// The rules that can be used, in their order.
  let rules: [Rule]
  let paths: [(rule: Int, path: RedactionPath)]
  let patterns: [(rule: Int, expression: RegularExpression)]
  /// What is wrong with the others. Market stores none of these; a program older than Market may meet some.
  public let faults: [RedactionFault]
  private let health: Mutex<[RuleHealth]>
  private let clock: @Sendable () -> UInt64

  /// - Parameter clock: nanoseconds, only ever forward.
  public init(_ source: [RedactionRule], clock: @escaping @Sendable () -> UInt64 = Redactor.uptime) {
    var (rules, faults): ([Rule], [RedactionFault]) = ([], [])
    for (place, rule) in source.prefix(RedactionCheck.maximumRules).enumerated() {
      guard let target = Redactor.compile(rule) else {
        faults.append(.init(rule: place, "name", "The rule \(rule.name) cannot be used by this program."))
        continue
      }
      rules.append(
        Rule(
          name: rule.name, placeholder: Array("[\(rule.name) REDACTED]".utf8), target: target,
          hintStart: max(0, rule.hintStart), hintEnd: max(0, rule.hintEnd)))
    }
    self.source = source
    self.rules = rules
    paths = rules.enumerated().compactMap { place, rule in
      if case .path(let path) = rule.target { (place, path) } else { nil }
    }
    patterns = rules.enumerated().compactMap { place, rule in
      if case .pattern(let expression) = rule.target { (place, expression) } else { nil }
    }
    self.faults = faults
    self.clock = clock
    health = Mutex(Array(repeating: RuleHealth(), count: rules.count))
  }

  private static func compile(_ rule: RedactionRule) -> Rule.Target? {
    switch rule.target {
    case .pattern(let pattern): (try? RegularExpression(pattern)).map { .pattern($0) }
    case .path(let path): (try? RedactionPath(path)).map { .path($0) }
    case nil: nil
    }
  }

  /// Nanoseconds since some moment.
  public static func uptime() -> UInt64 {
    UInt64(max(0, Redactor.origin.duration(to: .now) / .nanoseconds(1))) + 1
  }

  private static let origin = ContinuousClock.now

  /// The names of the rules, in the order of `RedactionTally`.
  public var names: [String] { rules.map(\.name) }

  /// The names of the rules that are switched off now, because they cost too much.
  public var off: [String] {
    let now = clock()
    return health.withLock { health in zip(rules, health).filter { $1.isOff(now) }.map(\.0.name) }
  }

  /// One bit for each rule that is switched off.
  func offBits() -> UInt32 {
    let now = clock()
    return health.withLock { health in
      var bits: UInt32 = 0
      for (place, rule) in health.enumerated() where rule.isOff(now) { bits |= 1 << UInt32(place) }
      return bits
    }
  }

  /// - Returns: whether that switches the rule off.
  func strike(_ rule: Int) -> Bool {
    let now = clock()
    return health.withLock { $0[rule].strike(now) }
  }

  /// - Returns: whether that switches the rule off.
  func took(_ nanoseconds: UInt64, documents: UInt64, rule: Int) -> Bool {
    let now = clock()
    return health.withLock { $0[rule].took(nanoseconds, documents: documents, now) }
  }
}
