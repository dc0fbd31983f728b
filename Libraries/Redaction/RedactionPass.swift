public import BaritoCore
import Regex

/// Applies rules to documents. Keeps its memory from one to the next, hence serves one task at a time.
///
/// In a JSON document values are replaced and every other byte stays. Patterns are matched against the decoded text of
/// each string value, never against keys or numbers; what a path names is replaced whole, but for `null`. What is written
/// is `[NAME REDACTED]`, between the rule's hints where those show no more than half of what was there. Places of several
/// rules that overlap become one, under the name of the first of them and without hints. What a rule has written before is
/// left alone.
///
/// A text that is no JSON has no string values: patterns are matched against all of it, as it stands and with what looks
/// like an escape resolved. Where there are path rules, nobody knows which part of it they mean, and nothing of it is
/// kept.
///
/// A value that a pattern cannot be done with in its bounds is hidden whole, as if it had matched. A rule that does so
/// again and again is switched off for a while (see `RuleHealth`), during which it is as if it did not exist.
public struct RedactionPass {
  /// What became of a document.
  public enum Outcome: Sendable, Equatable {
    /// There was nothing to take out of it.
    case unchanged
    /// `output` holds it.
    case redacted
    /// It is no JSON; `output` holds what may be kept of it, which is no document.
    case notJSON(JSONError)
  }

  /// Where a text lies, and whether that is among those with their escapes resolved.
  private struct Subject {
    var range: Range<Int>
    var isDecoded: Bool
    /// Where it is written.
    var written: Range<Int>
    /// The rule that could not be done with it.
    var struck: Int?
  }

  private struct Splice {
    var edit: Redaction.Edit
    /// Whether it takes the place of a value that had no quotes.
    var isQuoted = false
  }

  /// What is left of the document that was redacted last.
  public private(set) var output: [UInt8] = []
  private let search = RegexSearch()
  private var walk = DocumentWalk()
  private var escaped = EscapedTexts()
  private var subjects: [Subject] = []
  private var found: [(subject: Int, match: Redaction.Match)] = []
  private var splices: [Splice] = []
  private var documents = 0

  /// Of so many documents one is timed.
  private static let sampling = 16

  public init() {}

  public mutating func redact(
    _ document: Span<UInt8>, by redactor: Redactor, _ tally: inout RedactionTally
  ) -> Outcome {
    subjects.removeAll(keepingCapacity: true)
    found.removeAll(keepingCapacity: true)
    splices.removeAll(keepingCapacity: true)
    escaped.removeAll()
    do throws(JSONError) {
      try walk.walk(document, paths: redactor.paths, wantsTexts: !redactor.patterns.isEmpty)
    } catch {
      redactText(document, by: redactor, &tally)
      return .notJSON(error)
    }
    for text in walk.texts { addSubject(text.range, hasEscapes: text.hasEscapes, of: document) }
    match(document, redactor, &tally)
    for whole in walk.wholes { splice(whole.element, whole.rule, of: document, redactor) }
    spliceTexts(of: document, redactor)
    if splices.isEmpty { return .unchanged }
    splices.sort { $0.edit.range.lowerBound < $1.edit.range.lowerBound }
    write(document, redactor, &tally)
    return .redacted
  }

  // MARK: - Finding

  private mutating func addSubject(_ written: Range<Int>, hasEscapes: Bool, of document: Span<UInt8>) {
    let range = hasEscapes ? escaped.decode(written, of: document) : written
    subjects.append(Subject(range: range, isDecoded: hasEscapes, written: written))
  }

  /// Asks every pattern about every subject.
  private mutating func match(_ document: Span<UInt8>, _ redactor: Redactor, _ tally: inout RedactionTally) {
    guard !subjects.isEmpty else { return }
    documents += 1
    let isTimed = documents % RedactionPass.sampling == 0
    let off = redactor.offBits()
    var ranges: [Range<Int>] = []
    for (rule, expression) in redactor.patterns where off & 1 << UInt32(rule) == 0 {
      let start = isTimed ? ThreadClock.nanoseconds : 0
      for place in subjects.indices where subjects[place].struck == nil {
        ranges.removeAll(keepingCapacity: true)
        do throws(RegexError) {
          let range = subjects[place].range
          if subjects[place].isDecoded {
            try search.append(matchesOf: expression, in: escaped.bytes.span.extracting(range), to: &ranges)
          } else {
            try search.append(matchesOf: expression, in: document.extracting(range), to: &ranges)
          }
        } catch {
          subjects[place].struck = rule
          tally.strike(rule, of: redactor.rules.count)
          if redactor.strike(rule) { tally.switchedOff.append(rule) }
        }
        for range in ranges { found.append((place, Redaction.Match(range: range, rule: rule))) }
      }
      if isTimed {
        let times = UInt64(RedactionPass.sampling)
        let spent = (ThreadClock.nanoseconds - start) * times
        if redactor.took(spent, documents: times, rule: rule) { tally.switchedOff.append(rule) }
      }
    }
  }

  // MARK: - Deciding

  /// Takes out a value that a path names.
  private mutating func splice(
    _ element: JSONElement, _ rule: Int, of document: Span<UInt8>, _ redactor: Redactor
  ) {
    guard let text = JSONStringText(element, in: document) else {
      let edit =
        element.kind == .number
        ? Redaction.edit(element.range, rule, in: document, redactor.rules) : Redaction.hidden(element.range, rule)
      return splices.append(Splice(edit: edit, isQuoted: true))
    }
    if text.hasEscapes {
      let range = escaped.decode(text.range, of: document)
      if Redaction.isRedacted(range, by: rule, in: escaped.bytes.span, redactor.rules) { return }
      let edit = Redaction.edit(range, rule, in: escaped.bytes.span, redactor.rules)
      splices.append(Splice(edit: written(edit, in: text.range)))
    } else if !Redaction.isRedacted(text.range, by: rule, in: document, redactor.rules) {
      splices.append(Splice(edit: Redaction.edit(text.range, rule, in: document, redactor.rules)))
    }
  }

  /// Takes out of string values what patterns found, and all of those that one could not be done with.
  private mutating func spliceTexts(of document: Span<UInt8>, _ redactor: Redactor) {
    for subject in subjects {
      if let rule = subject.struck { splices.append(Splice(edit: Redaction.hidden(subject.written, rule))) }
    }
    found.sort { $0.subject < $1.subject }
    var index = 0
    while index < found.count {
      let place = found[index].subject
      var matches: [Redaction.Match] = []
      while index < found.count, found[index].subject == place {
        matches.append(found[index].match)
        index += 1
      }
      let subject = subjects[place]
      if subject.struck != nil { continue }
      if subject.isDecoded {
        for edit in Redaction.edits(matches, in: escaped.bytes.span.extracting(subject.range), redactor.rules) {
          splices.append(Splice(edit: written(edit.moved(by: subject.range.lowerBound), in: subject.written)))
        }
      } else {
        for edit in Redaction.edits(matches, in: document.extracting(subject.range), redactor.rules) {
          splices.append(Splice(edit: edit.moved(by: subject.range.lowerBound)))
        }
      }
    }
  }

  /// An edit of a decoded text as one of what is written.
  private func written(_ edit: Redaction.Edit, in text: Range<Int>) -> Redaction.Edit {
    if edit.range.isEmpty { return Redaction.hidden(text, edit.rule) }
    let range = escaped.written(edit.range)
    return Redaction.Edit(
      range: range, rule: edit.rule,
      start: edit.start.isEmpty ? range.lowerBound..<range.lowerBound : escaped.written(edit.start),
      end: edit.end.isEmpty ? range.upperBound..<range.upperBound : escaped.written(edit.end))
  }

  // MARK: - What is no JSON

  /// Redacts what is no JSON, as text.
  private mutating func redactText(_ text: Span<UInt8>, by redactor: Redactor, _ tally: inout RedactionTally) {
    output.removeAll(keepingCapacity: true)
    if let rule = redactor.paths.first?.rule { return hideAll(rule, redactor, &tally) }
    addSubject(0..<text.count, hasEscapes: false, of: text)
    if text.indices.contains(where: { text[$0] == UInt8(ascii: "\\") }) {
      addSubject(0..<text.count, hasEscapes: true, of: text)
    }
    match(text, redactor, &tally)
    if let rule = subjects.compactMap(\.struck).min() { return hideAll(rule, redactor, &tally) }
    let matches = found.map { place, match in
      Redaction.Match(
        range: subjects[place].isDecoded ? escaped.written(match.range) : match.range, rule: match.rule)
    }
    for edit in Redaction.edits(matches, in: text, redactor.rules) { splices.append(Splice(edit: edit)) }
    write(text, redactor, &tally)
  }

  private mutating func hideAll(_ rule: Int, _ redactor: Redactor, _ tally: inout RedactionTally) {
    output = redactor.rules[rule].placeholder
    tally.count(rule, of: redactor.rules.count)
  }

  // MARK: - Writing

  private mutating func write(_ document: Span<UInt8>, _ redactor: Redactor, _ tally: inout RedactionTally) {
    output.removeAll(keepingCapacity: true)
    output.reserveCapacity(document.count + splices.count * 32)
    var copied = 0
    for splice in splices {
      let edit = splice.edit
      output.append(copying: document.extracting(copied..<edit.range.lowerBound))
      if splice.isQuoted { output.append(UInt8(ascii: "\"")) }
      output.append(copying: document.extracting(edit.start))
      output.append(contentsOf: redactor.rules[edit.rule].placeholder)
      output.append(copying: document.extracting(edit.end))
      if splice.isQuoted { output.append(UInt8(ascii: "\"")) }
      copied = edit.range.upperBound
      tally.count(edit.rule, of: redactor.rules.count)
    }
    output.append(copying: document.extracting(copied..<document.count))
  }
}

extension Redaction.Edit {
  func moved(by distance: Int) -> Redaction.Edit {
    func moved(_ range: Range<Int>) -> Range<Int> { range.lowerBound + distance..<range.upperBound + distance }
    return Redaction.Edit(range: moved(range), rule: rule, start: moved(start), end: moved(end))
  }
}
