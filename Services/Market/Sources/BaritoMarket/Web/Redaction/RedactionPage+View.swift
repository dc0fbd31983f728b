import BaritoCore
import HTML
import Redaction

extension RedactionPage {
  func content(in context: PageContext) -> HTML {
    """
    <p>What a rule finds is replaced before lines are indexed or followed live: <code>[CARD REDACTED]</code>. Lines that \
    are indexed already stay as they are. <a href="\(home)">Back to \(name)</a></p>\
    \(trialPart)<section aria-labelledby="rules"><h2 id="rules">Rules</h2>\(list(context))\(inheritance(context))</section>\
    \(creation(context))
    """
  }

  /// The section on the page of the app or the group.
  static func section(_ rules: [RedactionRule], isInherited: Bool, path: String) -> HTML {
    let items = rules.map { rule -> HTML in "<li>\(row(rule))</li>" }
    let none: HTML = "<p class=\"hint\">Nothing is taken out of lines.</p>"
    return """
      <section aria-labelledby="redaction"><div class="title"><h2 id="redaction">Redaction</h2><div class="actions">\
      <a class="button" href="\(path)">Rules and trial</a></div></div>\
      \(rules.isEmpty ? none : "<ul class=\"list\">\(items)</ul>")\
      \("<p class=\"hint\">These are the group's rules.</p>", if: isInherited && !rules.isEmpty)</section>
      """
  }

  private static func row(_ rule: RedactionRule) -> HTML {
    let (target, hints) = words(of: rule)
    return """
      <div><strong>\(rule.name)</strong><span class="quiet">\(hints)</span></div><div><code>\(target)</code></div>
      """
  }

  private func list(_ context: PageContext) -> HTML {
    guard !rules.isEmpty else {
      return "<p class=\"hint\">None: lines are indexed and shown as they come.</p>"
    }
    let rows = rules.map { rule -> HTML in
      let removal = UI.form(
        to: "\(path)/remove", csrf: context.csrf,
        """
        <input type="hidden" name="\(Form.name)" value="\(rule.name)">\
        <button class="button danger">Remove rule</button>
        """)
      let confirm: HTML = """
        <details class="confirm"><summary class="button">Remove…</summary><div class="popover"><p>Lines that come from \
        now on show what \(rule.name) hides.</p>\(removal)</div></details>
        """
      return "<li>\(Self.row(rule))\(confirm, if: mayChange)</li>"
    }
    return "<ul class=\"list\">\(rows)</ul>"
  }

  private func inheritance(_ context: PageContext) -> HTML {
    guard isApp else { return "<p class=\"hint\">They hold for each app that has no rules of its own.</p>" }
    guard !isInherited else {
      return """
        <p class="hint">These are the group's rules. The first change here makes them the app's own; then what changes \
        in the group does not reach it any more.</p>
        """
    }
    let form = UI.form(
      to: "\(path)/inherit", csrf: context.csrf, "<button class=\"button\">Use the group's rules</button>")
    return """
      <p class="hint">These are the app's own, in place of the group's.</p>\(form, if: mayChange)
      """
  }

  private func creation(_ context: PageContext) -> HTML {
    guard mayChange else { return "" }
    let fields: [Field] = [
      Field(
        name: Form.name, label: "Name", value: typed.name, hint: "Stands in the line instead: CARD.",
        error: errors[Form.name], attributes: " maxlength=\"\(RedactionCheck.maximumName)\""),
      Field(
        name: Form.pattern, label: "Pattern", value: typed.pattern,
        hint:
          "A regular expression for what is to be hidden in texts, wherever they stand: <code>\\b\\d{13,19}\\b</code>.",
        error: errors[Form.pattern]),
      Field(
        name: Form.path, label: "Or path", value: typed.path,
        hint: """
          Where a value stands that is to be hidden whole: <code>.user.email</code>, <code>.items[].card</code>, \
          <code>.headers.*</code>.
          """, error: errors[Form.path]),
    ]
    let hints = [
      Field(
        name: Form.hintStart, label: "Left at the start", value: typed.hintStart,
        hint: "Hints are left only where they show no more than half.", error: errors[Form.hintStart],
        inputMode: "numeric", unit: "characters"),
      Field(
        name: Form.hintEnd, label: "Left at the end", value: typed.hintEnd, error: errors[Form.hintEnd],
        inputMode: "numeric", unit: "characters"),
    ]
    let sample: HTML = """
      <div class="field"\(" data-invalid", if: errors[Form.sample] != nil)><label for="\(Form.sample)">Sample lines\
      <span class="quiet"> optional</span></label><textarea id="\(Form.sample)" name="\(Form.sample)" rows="4" \
      spellcheck="false" aria-describedby="\(Form.sample)-hint">\(typed.sample)</textarea>\
      <p class="hint" id="\(Form.sample)-hint">One document a line. They are tried with all rules and kept nowhere.</p>\
      \(Field.message(errors[Form.sample], for: Form.sample))</div>
      """
    let buttons: HTML = """
      <div class="actions"><button class="button" name="\(Form.action)" value="\(Form.attempt)">Try on sample</button> \
      <button class="button primary" name="\(Form.action)" value="\(Form.add)">Add rule</button></div>
      """
    let form: HTML = """
      \(errors.summary)\(fields.map(\.html))<div class="pair">\(hints.map(\.html))</div>\(sample)\(buttons)
      """
    return """
      <section aria-labelledby="new-rule"><h2 id="new-rule">New rule</h2>\
      \(UI.form(to: path, csrf: context.csrf, isMultiField: true, form))</section>
      """
  }

  /// Before and after.
  private var trialPart: HTML {
    guard let trial else { return "" }
    let lines = trial.lines.map { line -> HTML in
      let note: HTML = line.isJSON ? "" : "<p class=\"hint\">This is no JSON: it goes to the quarantine like this.</p>"
      return """
        <li><p class="quiet">Before</p><pre class="line">\(line.before)</pre><p class="quiet">After</p>\
        <pre class="line">\(line.after)</pre>\(note)</li>
        """
    }
    let counts = trial.counts.map { count -> HTML in
      let slow: HTML = """
        <td>\(UI.statusBadge(.bad, "Too slow for \(Quantity.count(count.struck, "value")), which it hid whole"))</td>
        """
      return """
        <tr><th scope="row">\(count.rule)</th><td class="number" data-label="places">\(Quantity.grouped(count.redacted))\
        </td>\(count.struck > 0 ? slow : "<td></td>")</tr>
        """
    }
    return """
      <section aria-labelledby="trial"><h2 id="trial">Trial</h2><ol class="trial">\(lines)</ol>\
      <div class="scroll" tabindex="0" role="region" aria-labelledby="trial"><table class="rows"><thead><tr>\
      <th scope="col">Rule</th><th scope="col" class="number">Places</th><th scope="col">Speed</th></tr></thead>\
      <tbody>\(counts)</tbody></table></div>\
      <p class="quiet">Took \(Quantity.grouped(Int(trial.nanoseconds / 1_000))) µs.</p></section>
      """
  }
}
