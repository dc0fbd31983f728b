import BaritoCore
import Cryptography
import HTTP

/// The cookies of pages, beside the session's.
struct WebCookies: Sendable {
  /// False only where Market is served on loopback without TLS.
  var isSecure: Bool

  private var prefix: String { isSecure ? "__Host-" : "" }
  private var attributes: String { "; Path=/; HttpOnly" + (isSecure ? "; Secure" : "") }

  /// Stands in for a session where forms are concerned, until somebody is signed in.
  var guest: String { "\(prefix)barito_guest" }
  /// Carries a note to the next page.
  var note: String { "\(prefix)barito_note" }

  func setGuest(_ value: String) -> String { "\(guest)=\(value); SameSite=Lax\(attributes)" }

  /// Two minutes are enough for a redirect, and short enough for a note that nobody fetched.
  func setNote(_ value: String) -> String { "\(note)=\(value); Max-Age=120; SameSite=Strict\(attributes)" }
  var clearNote: String { "\(note)=; Max-Age=0; SameSite=Strict\(attributes)" }
}

/// What a form's work has to tell the page that comes after it, shown once: what was done, or a secret that can be had
/// only now.
///
/// It travels in a cookie between an answer and the request that follows it, so it is in no URL, no log and no table, and
/// any of several Markets can show it. It is signed with the session's token: nobody else can put words on a page.
struct Note: Codable, Sendable, Equatable {
  /// The path of the page that shows it; others leave it alone.
  var page: String
  var isBad = false
  var text: String?
  /// A secret or a token, in clear.
  var secret: String?

  func sealed(for session: Session) -> String {
    guard let bytes = try? WireJSON.encode(self) else { return "" }
    return "\(Base64URL.encode(bytes)).\(Base64URL.encode(Note.code(bytes, session)))"
  }

  /// - Returns: nil when it is not whole, or of another session.
  init?(sealed: String?, for session: Session) {
    guard let parts = sealed?.split(separator: "."), parts.count == 2,
      let bytes = Base64URL.decode(String(parts[0])), let code = Base64URL.decode(String(parts[1])),
      constantTimeEquals(code, Note.code(bytes, session)), let note = try? WireJSON.decode(Note.self, from: bytes)
    else { return nil }
    self = note
  }

  init(page: String, text: String? = nil, isBad: Bool = false, secret: String? = nil) {
    self.page = page
    self.text = text
    self.isBad = isBad
    self.secret = secret
  }

  private static func code(_ bytes: [UInt8], _ session: Session) -> [UInt8] {
    let key = HMAC.sha256(key: Array(session.token.utf8), message: Array("barito note".utf8))
    return HMAC.sha256(key: key, message: bytes)
  }
}
