import BaritoCore
import HTML
import Redaction

/// What is taken out of lines before anybody sees them, of an app or of a group; and a place to try rules.
struct RedactionPage: Page {
  enum Form {
    static let name = "name"
    static let pattern = "pattern"
    static let path = "path"
    static let hintStart = "hint_start"
    static let hintEnd = "hint_end"
    static let sample = "sample"
    /// Which button was pressed: `add` or `try`.
    static let action = "action"
    static let add = "add"
    static let attempt = "try"
  }

  /// What was typed.
  struct Typed: Sendable, Equatable {
    var name = ""
    var pattern = ""
    var path = ""
    var hintStart = ""
    var hintEnd = ""
    var sample = ""
  }

  /// What the app or the group is called.
  var name: String
  /// Its own page.
  var home: String
  /// This page; forms are sent to it.
  var path: String
  var group: GroupNavigation?
  var isApp: Bool
  /// What holds.
  var rules: [RedactionRule]
  /// Whether an app has no rules of its own, so that its group's hold.
  var isInherited = false
  var mayChange = true
  var typed = Typed()
  var errors = FormErrors()
  /// What the rules, and the one that is typed, do to the sample.
  var trial: RedactionTrial?

  var title: String { "Redaction" }
  var state: HTML { "<span class=\"quiet\">\(name)</span>" }
  var width: PageWidth { .text }

  /// What stands for a rule: its pattern or path, and its hints.
  static func words(of rule: RedactionRule) -> (target: String, hints: String) {
    let target =
      switch rule.target {
      case .pattern(let pattern): pattern
      case .path(let path): path
      case nil: ""
      }
    guard rule.hintStart + rule.hintEnd > 0 else { return (target, "nothing is left") }
    return (target, "\(rule.hintStart) characters are left at the start, \(rule.hintEnd) at the end")
  }
}
