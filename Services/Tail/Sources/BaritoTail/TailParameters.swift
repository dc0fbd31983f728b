import BaritoCore
import Regex
import Settings

/// What a viewer asked for, read from the query. Pure.
struct TailParameters: Sendable {
  /// As asked: each a number, a name, or `cluster/name`.
  var apps: [String] = []
  /// Milliseconds since 1970; the first line is not older.
  var since: Int64?
  /// Milliseconds since 1970; lines of this time and later are not shown, and the session ends there.
  var until: Int64?
  /// The last lines of each app, before filters.
  var tail: Int?
  /// Whether to wait for more at the end.
  var follow = true
  var filter = LineFilter()
  /// Lines a second at most.
  var rate: Int?
  /// Goes on where an earlier session ended.
  var cursor: TailCursor?

  static let maximumApps = 20
  static let maximumTail = 10_000
  static let maximumPatterns = 20

  /// - Parameters:
  ///   - pairs: names and values of the query, decoded.
  ///   - now: milliseconds since 1970.
  init(_ pairs: [(name: String, value: String)], now: Int64) throws(TailRefusal) {
    for (name, value) in pairs { try take(name, value, now) }
    guard !apps.isEmpty else {
      throw Self.refusal("app", "app is missing: name what to tail, such as ?app=checkout")
    }
    guard apps.count <= Self.maximumApps else {
      throw Self.refusal("app", "\(apps.count) apps are too many for one session: \(Self.maximumApps) are allowed")
    }
    if let since, let until, since >= until {
      throw Self.refusal("until", "until is not after since: nothing could be shown")
    }
  }

  private mutating func take(_ name: String, _ value: String, _ now: Int64) throws(TailRefusal) {
    switch name {
    case "app":
      guard !value.isEmpty, value.utf8.count <= 256 else { throw Self.refusal(name, "app is empty or too long") }
      if !apps.contains(value) { apps.append(value) }
    case "since": since = try Self.moment(name, value, now)
    case "until": until = try Self.moment(name, value, now)
    case "tail": tail = try Self.number(name, value, 0...Self.maximumTail)
    case "rate": rate = try Self.number(name, value, 1...1_000_000)
    case "follow":
      switch value {
      case "true", "1", "": follow = true
      case "false", "0": follow = false
      default: throw Self.refusal(name, "follow is true or false")
      }
    case "level":
      guard let level = LogLevel(value) else {
        let names = LogLevel.allCases.map(\.name).joined(separator: ", ")
        throw Self.refusal(name, "\(value) is no level: use one of \(names)")
      }
      filter.level = level
    case "grep": filter.grep.append(try Self.pattern(name, value, filter))
    case "exclude": filter.exclude.append(try Self.pattern(name, value, filter))
    case "cursor":
      guard let cursor = TailCursor(value) else {
        throw Self.refusal(name, "the cursor is none of ours: leave it out to begin anew")
      }
      self.cursor = cursor
    default:
      guard name.hasPrefix("field."), name.utf8.count > 6 else {
        throw Self.refusal(name, "there is no parameter of this name; see the README of barito-tail")
      }
      guard filter.fields.count < Self.maximumPatterns else { throw Self.tooMany(name) }
      filter.add(field: String(name.dropFirst(6)), value: value)
    }
  }

  /// A length of time before now, or a moment.
  private static func moment(_ name: String, _ value: String, _ now: Int64) throws(TailRefusal) -> Int64 {
    if let moment = Timestamp(value) { return moment.milliseconds }
    if let duration = try? Duration.parseSetting(value) { return now - Int64(duration / .milliseconds(1)) }
    throw refusal(name, "\(name) is a duration such as 10m, or a time such as 2026-11-22T10:15:00Z")
  }

  private static func number(_ name: String, _ value: String, _ range: ClosedRange<Int>) throws(TailRefusal) -> Int {
    guard let number = Int(value), range.contains(number) else {
      throw refusal(name, "\(name) is a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private static func pattern(
    _ name: String, _ value: String, _ filter: LineFilter
  ) throws(TailRefusal) -> RegularExpression {
    guard filter.grep.count + filter.exclude.count < maximumPatterns else { throw tooMany(name) }
    do throws(RegexError) {
      return try RegularExpression(value)
    } catch {
      throw TailRefusal(
        .invalidParameter, "\(name): \(error.detail)", parameter: name, offset: error.offset)
    }
  }

  private static func tooMany(_ name: String) -> TailRefusal {
    refusal(name, "more than \(maximumPatterns) conditions are too many for one session")
  }

  private static func refusal(_ name: String, _ detail: String) -> TailRefusal {
    TailRefusal(.invalidParameter, detail, parameter: name)
  }
}
