import HTML

extension AppPage {
  /// The secrets, when they were used, and what one may do with them.
  func secretPart(_ context: PageContext) -> HTML {
    """
    <section aria-labelledby="secrets"><div class="title"><h2 id="secrets">Secrets</h2><div class="actions">\
    \(newSecretForm(context), if: mayChangeSecrets && secrets.count < Self.secretLimit)</div></div>\
    \(secretTable(context))</section>
    """
  }

  private func newSecretForm(_ context: PageContext) -> HTML {
    UI.form(
      to: MarketRoutes.appSecrets(appID), csrf: context.csrf, "<button class=\"button\">New secret</button>")
  }

  private func secretTable(_ context: PageContext) -> HTML {
    guard !secrets.isEmpty else {
      return """
        <p class="hint">No secret works for this app: every line is refused with 401. \
        \("Make a new one and put it into your shippers.", if: mayChangeSecrets)</p>
        """
    }
    let hint: HTML = """
      <p class="hint">Two secrets may work at a time. To change it without losing a line: revoke one that nobody uses, \
      make a new one, put it into your shippers, revoke the old one.</p>
      """
    return """
      <ul class="list">\(secrets.map { row($0, context) })</ul>\(hint, if: secrets.count >= Self.secretLimit)
      """
  }

  private func row(_ secret: Secret, _ context: PageContext) -> HTML {
    let used = UI.relativeTime(secret.lastUsedAt, now: context.now, otherwise: "never")
    return """
      <li><div><strong>Secret \(secret.id)</strong><span class="quiet">made \
      \(UI.relativeTime(secret.createdAt, now: context.now))</span></div><div>last used \(used)</div>\
      \(revocation(of: secret, used, context), if: mayChangeSecrets)</li>
      """
  }

  // Two steps without a script: what would happen stands above the button that does it.
  private func revocation(of secret: Secret, _ used: HTML, _ context: PageContext) -> HTML {
    let form = UI.form(
      to: MarketRoutes.revokeSecret(secret.id, ofApp: appID), csrf: context.csrf,
      "<button class=\"button danger\">Revoke secret</button>")
    let consequence: HTML =
      secret.lastUsedAt == nil
      ? "Nobody has used it."
      : "It was last used \(used). Who sends with it is refused with 401 within seconds."
    return """
      <details class="confirm"><summary class="button">Revoke…</summary><div class="popover"><p>\(consequence) \
      It cannot be undone.</p>\(form)</div></details>
      """
  }
}
