/// Where to go after signing in: a page of this origin and nothing else, whatever a link says.
struct ReturnPath: Sendable, Hashable {
  /// Begins with one slash.
  let path: String

  static let home = ReturnPath(MarketRoutes.myApps)

  /// - Parameter text: as it came in; anything that a browser could take for another origin becomes the first page.
  init(_ text: String?) {
    guard let text, text.utf8.count <= 2_000, text.utf8.first == UInt8(ascii: "/"),
      // Browsers read `//host` and `/\host` as another host, and drop control characters before they look.
      text.utf8.dropFirst().first != UInt8(ascii: "/"), !text.utf8.contains(UInt8(ascii: "\\")),
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
      ![MarketRoutes.signIn, MarketRoutes.signOut].contains(String(text.prefix { $0 != "?" && $0 != "#" }))
    else {
      path = MarketRoutes.myApps
      return
    }
    path = text
  }

  /// The sign-in page that leads back there.
  var signIn: String {
    self == .home
      ? MarketRoutes.signIn : "\(MarketRoutes.signIn)?\(SignInPage.Form.returnTo)=\(MarketRoutes.segment(path))"
  }
}
