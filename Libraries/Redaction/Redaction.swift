/// What is put in the place of what rules found in one text: merges places that overlap, says which hints are left, and
/// leaves alone what was redacted before. Pure; a value of the pass, so that it keeps its memory.
struct Redaction {
  /// A place that a rule found.
  struct Match: Equatable {
    var range: Range<Int>
    var rule: Int
  }

  /// A place that is written anew: the rule's placeholder between its hints.
  struct Edit: Equatable {
    /// All of it, hints too.
    var range: Range<Int>
    var rule: Int
    /// What is left of it at the start and at the end, where it stands.
    var start: Range<Int>
    var end: Range<Int>
  }

  /// The edits for one text, in order.
  /// - Parameter text: in which the matches lie; in any order.
  static func edits(_ matches: [Match], in text: Span<UInt8>, _ rules: [Redactor.Rule]) -> [Edit] {
    let before = placeholders(in: text, rules)
    let open = matches.filter { match in
      !before.contains { covers($0, match, in: text, rules) }
    }
    var edits: [Edit] = []
    for match in open.sorted(by: { ($0.range.lowerBound, $0.rule) < ($1.range.lowerBound, $1.rule) }) {
      guard let last = edits.last, match.range.lowerBound < last.range.upperBound else {
        edits.append(edit(match.range, match.rule, in: text, rules))
        continue
      }
      if match.range == last.range, match.rule == last.rule { continue }
      // What one rule would leave as a hint is for the other to hide.
      let both = last.range.lowerBound..<max(last.range.upperBound, match.range.upperBound)
      edits[edits.count - 1] = hidden(both, min(last.rule, match.rule))
    }
    return edits
  }

  /// An edit that leaves the hints of the rule, or none where they would show more than half of it.
  static func edit(_ range: Range<Int>, _ rule: Int, in text: Span<UInt8>, _ rules: [Redactor.Rule]) -> Edit {
    let (first, last) = (rules[rule].hintStart, rules[rule].hintEnd)
    guard first + last > 0 else { return hidden(range, rule) }
    var characters = 0
    for index in range where !isContinuation(text[index]) { characters += 1 }
    guard 2 * (first + last) <= characters else { return hidden(range, rule) }
    return Edit(
      range: range, rule: rule, start: range.lowerBound..<move(range.lowerBound, by: first, in: text),
      end: move(range.upperBound, by: -last, in: text)..<range.upperBound)
  }

  static func hidden(_ range: Range<Int>, _ rule: Int) -> Edit {
    Edit(
      range: range, rule: rule, start: range.lowerBound..<range.lowerBound, end: range.upperBound..<range.upperBound)
  }

  /// Whether a text is nothing but what this rule has written, hints and all.
  static func isRedacted(_ range: Range<Int>, by rule: Int, in text: Span<UInt8>, _ rules: [Redactor.Rule]) -> Bool {
    placeholders(in: text.extracting(range), rules).contains {
      let inside = Match(
        range: range.lowerBound + $0.range.lowerBound..<range.lowerBound + $0.range.upperBound, rule: $0.rule)
      return covers(inside, Match(range: range, rule: rule), in: text, rules)
    }
  }

  /// Where the rules' placeholders stand already.
  private static func placeholders(in text: Span<UInt8>, _ rules: [Redactor.Rule]) -> [Match] {
    var found: [Match] = []
    for index in text.indices where text[index] == UInt8(ascii: "[") {
      for (rule, wanted) in rules.enumerated() where starts(wanted.placeholder, at: index, in: text) {
        found.append(Match(range: index..<index + wanted.placeholder.count, rule: rule))
      }
    }
    return found
  }

  /// Whether a match shows nothing but a placeholder, and, where it is the same rule's, the hints beside it.
  private static func covers(
    _ placeholder: Match, _ match: Match, in text: Span<UInt8>, _ rules: [Redactor.Rule]
  ) -> Bool {
    let rule = rules[placeholder.rule]
    let hints = placeholder.rule == match.rule ? (rule.hintStart, rule.hintEnd) : (0, 0)
    return match.range.lowerBound >= move(placeholder.range.lowerBound, by: -hints.0, in: text)
      && match.range.upperBound <= move(placeholder.range.upperBound, by: hints.1, in: text)
  }

  private static func starts(_ wanted: [UInt8], at index: Int, in text: Span<UInt8>) -> Bool {
    guard index + wanted.count <= text.count else { return false }
    for offset in wanted.indices where text[index + offset] != wanted[offset] { return false }
    return true
  }

  /// So many characters on, or back where the number is negative, as far as the text goes.
  private static func move(_ index: Int, by characters: Int, in text: Span<UInt8>) -> Int {
    var (index, left) = (index, abs(characters))
    while left > 0, characters > 0 ? index < text.count : index > 0 {
      repeat { index += characters > 0 ? 1 : -1 } while index > 0 && index < text.count && isContinuation(text[index])
      left -= 1
    }
    return index
  }

  private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
