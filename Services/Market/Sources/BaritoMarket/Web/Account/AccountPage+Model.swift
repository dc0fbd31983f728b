import HTML

/// What may scripts do in my name?
struct AccountPage: Page {
  enum Form {
    static let name = "name"
    /// One field for each scope that is chosen.
    static let scope = "scope"
  }

  var userName: String
  /// What a token may be allowed to do: the scope's name and what it means.
  var scopes: [Scope]
  var tokens: [Token]
  /// The value of the token that was made a moment ago, shown this once.
  var newToken: String?
  var typedName = ""
  var chosenScopes: Set<String> = []
  var errors = FormErrors()

  struct Scope: Sendable {
    var name: String
    var meaning: String
  }

  struct Token: Sendable {
    var id: String
    var name: String
    var scopes: [String]
    var createdAt: Moment
    var lastUsedAt: Moment?
  }

  var title: String { "Account" }
  var state: HTML { "<span class=\"quiet\">\(userName)</span>" }
  var width: PageWidth { .text }
}
