import HTML

/// The page behind the one-time link that the first start prints.
struct FirstAdministratorPage: Page {
  enum Form {
    static let userName = "user_name"
    static let password = "password"
  }

  /// The one-time token of the link.
  var token: String
  var minimumPasswordLength = Accounts.shortestPassword
  /// What was typed.
  var userName = ""
  var errors = FormErrors()

  var title: String { "First administrator" }
  var width: PageWidth { .alone }
}
