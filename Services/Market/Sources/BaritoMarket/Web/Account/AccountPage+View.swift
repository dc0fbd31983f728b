import HTML

extension AccountPage {
  func content(in context: PageContext) -> HTML {
    """
    \(newTokenNotice)<section aria-labelledby="tokens"><h2 id="tokens">API tokens</h2>\(list(context))</section>\
    <section aria-labelledby="new-token"><h2 id="new-token">New token</h2>\(creation(context))</section>
    """
  }

  private var newTokenNotice: HTML {
    guard let newToken else { return "" }
    return """
      <section class="notice tall" data-meaning="good" aria-label="The new token"><div><p><strong>The new \
      token.</strong> \
      It is shown this once. Scripts send it as <code>Authorization: Bearer</code>.</p>\
      \(UI.copyField(newToken, label: "the new token"))</div></section>
      """
  }

  private func list(_ context: PageContext) -> HTML {
    guard !tokens.isEmpty else {
      return UI.emptyState(
        "No token yet", "Scripts and baritotail sign in with a token: yours, with no more rights than you give it.",
        action: "<a class=\"button\" href=\"#\(Form.name)\">Create one below</a>")
    }
    let rows = tokens.map { token -> HTML in
      """
      <li><div><strong>\(token.name)</strong><span class="quiet">\(token.scopes.joined(separator: ", "))</span></div>\
      <div>last used \(UI.relativeTime(token.lastUsedAt, now: context.now, otherwise: "never"))<span \
      class="quiet">made \
      \(UI.relativeTime(token.createdAt, now: context.now))</span></div>\(revocation(of: token, context))</li>
      """
    }
    return "<ul class=\"list\">\(rows)</ul>"
  }

  private func revocation(of token: Token, _ context: PageContext) -> HTML {
    let form = UI.form(
      to: MarketRoutes.revokeToken(token.id), csrf: context.csrf,
      "<button class=\"button danger\">Revoke token</button>")
    return """
      <details class="confirm"><summary class="button">Revoke…</summary><div class="popover"><p>Last used \
      \(UI.relativeTime(token.lastUsedAt, now: context.now, otherwise: "never")). Scripts that use it are refused at \
      once. \
      It cannot be undone.</p>\(form)</div></details>
      """
  }

  private func creation(_ context: PageContext) -> HTML {
    let name = Field(
      name: Form.name, label: "Name", value: typedName,
      hint: "What uses it, so that you know it again: deploy pipeline.",
      error: errors[Form.name], isRequired: true, attributes: " maxlength=\"100\"")
    let options = scopes.map { scope -> HTML in
      """
      <label class="option"><input type="checkbox" name="\(Form.scope)" value="\(scope.name)"\
      \(" checked", if: chosenScopes.contains(scope.name))><span><strong><code>\(scope.name)</code></strong>\
      <span class="quiet">\(scope.meaning)</span></span></label>
      """
    }
    let form: HTML = """
      \(errors.summary)\(name.html)<fieldset class="choice" id="\(Form.scope)"><legend>It may</legend>\
      <div class="options">\(options)</div>\(Field.message(errors[Form.scope], for: Form.scope))</fieldset>\
      <button class="button primary">Create token</button>
      """
    return UI.form(to: MarketRoutes.accountTokens, csrf: context.csrf, isMultiField: true, form)
  }
}
