import HTML

/// The small pieces that all pages share.
enum UI {
  /// A state: a mark and a word, coloured by what it means.
  static func statusBadge(_ meaning: Meaning, _ word: String) -> HTML {
    "<span class=\"badge\" data-meaning=\"\(meaning.rawValue)\">\(icon(meaning))\(word)</span>"
  }

  /// The mark alone; shapes differ, so that nobody needs the colour.
  static func icon(_ meaning: Meaning) -> HTML {
    let shape: HTML =
      switch meaning {
      case .good: "<path d=\"M2.5 6.5 5 9l4.5-6\"/>"
      case .warning: "<path d=\"M6 1 11.4 10.6H.6Z\"/><path d=\"M6 4.6v2.2M6 8.6v.1\"/>"
      case .bad: "<path d=\"m3 3 6 6m0-6-6 6\"/>"
      case .unknown: "<circle cx=\"6\" cy=\"6\" r=\"3.5\"/>"
      }
    return "<svg class=\"icon\" viewBox=\"0 0 12 12\" aria-hidden=\"true\">\(shape)</svg>"
  }

  /// How long ago, with the exact time on hover; the script keeps it ticking.
  static func relativeTime(_ moment: Moment, now: Moment) -> HTML {
    let age = max(0, now.milliseconds - moment.milliseconds) / 1000 * 1000
    let words = age < 1000 ? "now" : "\(Quantity.duration(milliseconds: age)) ago"
    return "<time datetime=\"\(moment.rfc3339)\" title=\"\(moment.utc)\">\(words)</time>"
  }

  /// The time ago, or what to say where there is none.
  static func relativeTime(_ moment: Moment?, now: Moment, otherwise: String) -> HTML {
    guard let moment else { return "<span class=\"quiet\">\(otherwise)</span>" }
    return relativeTime(moment, now: now)
  }

  /// A value to be pasted elsewhere. The button shows with the script; without it the value selects with one click.
  static func copyField(_ value: String, label: String) -> HTML {
    """
    <div class="copy" role="group" aria-label="\(label)"><code>\(value)</code>\(copyButton(of: label))</div>
    """
  }

  /// The button that copies the `code` or `pre` beside it.
  static func copyButton(of label: String) -> HTML {
    "<button type=\"button\" class=\"button copy-button\" data-copy aria-label=\"Copy \(label)\">Copy</button>"
  }

  /// What stands in place of an empty list: one sentence, and the button that fills it.
  static func emptyState(_ title: String, _ text: String, action: HTML? = nil) -> HTML {
    """
    <div class="empty"><img src="\(Asset.logo.path)" width="40" height="40" alt="">\
    <h2>\(title)</h2><p>\(text)</p>\(action)</div>
    """
  }

  /// A link that looks like the main action of its page.
  static func mainAction(_ words: String, to path: String) -> HTML {
    "<a class=\"button primary\" href=\"\(path)\">\(words)</a>"
  }

  /// A form that changes something: `post`, with the token that proves that our own page sent it.
  /// A form of several fields is checked by the server alone: it knows more, and a field that is hidden by another's
  /// choice must not hold the form back.
  static func form(
    to path: String, csrf: CSRFToken, isMultiField: Bool = false, _ content: HTML
  ) -> HTML {
    """
    <form method="post" action="\(path)"\(" class=\"stack\" novalidate", if: isMultiField)>\(csrf.field)\(content)</form>
    """
  }

  /// What something uses of what it may: a bar with its numbers written out.
  static func usage(_ label: String, used: Double, limit: Double, text: String) -> HTML {
    let ratio = limit > 0 ? used / limit : 0
    let share = ratio.isFinite ? min(1, max(0, ratio)) : 0
    let meaning: Meaning = share >= 1 ? .bad : share >= 0.8 ? .warning : .good
    return """
      <div class="usage" data-meaning="\(meaning.rawValue)"><span>\(label)</span><span class="number">\(text)</span>\
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" \
      height="4"/>\
      <rect class="fill" width="\(Int(share * 100 + 0.5))" height="4"/></svg></div>
      """
  }
}

/// The token of a session that each of its forms carries, so that another site cannot send them.
struct CSRFToken: Sendable, Hashable {
  /// The name of the form field.
  static let fieldName = "csrf"

  var value: String

  /// The hidden field.
  var field: HTML { "<input type=\"hidden\" name=\"\(Self.fieldName)\" value=\"\(value)\">" }
}
