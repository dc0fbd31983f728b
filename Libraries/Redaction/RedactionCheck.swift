public import BaritoCore
import Regex

/// What an app's rules may be. Market asks before it stores them.
public enum RedactionCheck {
  /// As many rules as an app, or a group, may have.
  public static let maximumRules = 32
  /// Bytes of a pattern.
  public static let maximumPattern = 1000
  /// Bytes of a path.
  public static let maximumPath = 250
  /// Characters of a name.
  public static let maximumName = 32
  /// Characters that may be left at either end.
  public static let maximumHint = 16

  /// Everything that is wrong with a list of rules; nothing when each can be used.
  public static func faults(in rules: [RedactionRule]) -> [RedactionFault] {
    guard rules.count <= maximumRules else {
      return [
        .init(rule: nil, "rules", "There are \(rules.count) rules; \(maximumRules) are allowed. Join some of them.")
      ]
    }
    var names: Set<String> = []
    return rules.enumerated().flatMap { place, rule -> [RedactionFault] in
      var faults = [nameFault(rule, place), targetFault(rule, place)].compactMap(\.self)
      if !names.insert(rule.name).inserted {
        faults.append(.init(rule: place, "name", "Two rules are called \(rule.name). Give each a name of its own."))
      }
      for (member, hint) in [("hint_start", rule.hintStart), ("hint_end", rule.hintEnd)]
      where !(0...maximumHint).contains(hint) {
        faults.append(.init(rule: place, member, "A hint has 0 to \(maximumHint) characters, not \(hint)."))
      }
      return faults
    }
  }

  private static func nameFault(_ rule: RedactionRule, _ place: Int) -> RedactionFault? {
    let letters = Array(rule.name.utf8)
    let isPlain = letters.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: " "):
        true
      default: false
      }
    }
    guard isPlain, (1...maximumName).contains(letters.count), letters.first != UInt8(ascii: " "),
      letters.last != UInt8(ascii: " ")
    else {
      return .init(
        rule: place, "name",
        "A rule's name has 1 to \(maximumName) letters, digits, spaces, - or _, such as CARD; not “\(rule.name)”.")
    }
    return nil
  }

  private static func targetFault(_ rule: RedactionRule, _ place: Int) -> RedactionFault? {
    switch rule.target {
    case .pattern(let pattern): return patternFault(pattern, place)
    case .path(let path):
      guard path.utf8.count <= maximumPath else {
        return .init(
          rule: place, "path", "The path has \(path.utf8.count) bytes; \(maximumPath) are allowed. Name less of it.")
      }
      do throws(RedactionPath.Fault) {
        _ = try RedactionPath(path)
        return nil
      } catch {
        return .init(
          rule: place, "path", "The path is wrong at position \(error.offset): \(error.detail).", offset: error.offset)
      }
    case nil: return .init(rule: place, "pattern", "The rule has neither a pattern nor a path. Add one of them.")
    }
  }

  private static func patternFault(_ pattern: String, _ place: Int) -> RedactionFault? {
    guard !pattern.isEmpty else {
      return .init(rule: place, "pattern", "The pattern is empty. Write a regular expression for what is to be hidden.")
    }
    guard pattern.utf8.count <= maximumPattern else {
      return .init(
        rule: place, "pattern",
        "The pattern has \(pattern.utf8.count) bytes; \(maximumPattern) are allowed. Split it into several rules.")
    }
    do throws(RegexError) {
      let expression = try RegularExpression(pattern)
      return isTooExpensive(expression)
        ? .init(
          rule: place, "pattern",
          "The pattern takes too many steps on some lines. Avoid repeats within repeats, such as (a+)+.") : nil
    } catch {
      let detail = error.detail.prefix(1).uppercased() + error.detail.dropFirst()
      return .init(rule: place, "pattern", "\(detail).", offset: error.offset)
    }
  }

  /// Whether it gives up on one of a few texts that such patterns are known to give up on: long runs of one character.
  private static func isTooExpensive(_ expression: RegularExpression) -> Bool {
    let search = RegexSearch()
    let own = Set(expression.pattern.utf8.filter { $0 > 0x20 && $0 < 0x7F })
    var ranges: [Range<Int>] = []
    for byte in own.union("a0 ".utf8).sorted() {
      let text = [UInt8](repeating: byte, count: 200) + [0x01]
      do throws(RegexError) {
        try search.append(matchesOf: expression, in: text.span, to: &ranges)
      } catch {
        return true
      }
    }
    return false
  }
}
