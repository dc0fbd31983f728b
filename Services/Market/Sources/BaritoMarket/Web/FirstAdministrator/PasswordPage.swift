import HTML

/// The page behind the one-time link that an administrator sends to a new user.
struct PasswordPage: Page {
  enum Form {
    static let password = "password"
  }

  /// The one-time token of the link.
  var token: String
  var errors = FormErrors()

  var title: String { "Choose a password" }
  var width: PageWidth { .alone }

  func content(in context: PageContext) -> HTML {
    let password = Field(
      name: Form.password, label: "Password",
      hint: "At least \(Accounts.shortestPassword) characters. Long is better than odd.", error: errors[Form.password],
      type: "password", isRequired: true, autocomplete: "new-password",
      attributes: " minlength=\"\(Accounts.shortestPassword)\" autofocus")
    let form: HTML = "\(errors.summary)\(password.html)<button class=\"button primary\">Set password</button>"
    return """
      <p class="lead">You sign in with it from now on. The link works once.</p>\
      \(UI.form(to: MarketRoutes.password(token: token), csrf: context.csrf, isMultiField: true, form))
      """
  }
}
