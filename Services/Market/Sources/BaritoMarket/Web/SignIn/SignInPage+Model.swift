import HTML

/// Who am I? The same answer whether a name is unknown or a password is wrong.
struct SignInPage: Page {
  enum Form {
    static let userName = "user_name"
    static let password = "password"
    static let returnTo = "return_to"
  }

  /// What was typed; passwords are never sent back.
  var userName = ""
  /// A path of ours where one was going; `/` otherwise.
  var returnTo = MarketRoutes.myApps
  /// Why it did not work.
  var error: String?

  var title: String { "Sign in" }
  var width: PageWidth { .alone }

  /// What every refused attempt says.
  static let refused =
    "The user name or the password is wrong. Check both and sign in again."
}
