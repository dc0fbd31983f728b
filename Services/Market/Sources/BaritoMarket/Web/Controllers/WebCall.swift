import BaritoCore
import HTTP

/// A request of a browser, with who sent it.
struct WebCall: Sendable {
  var request: HTTPRequest
  /// The fields of a form that was sent.
  var form = HTTPQuery()
  var visitor: Visitor
  /// Stands on error pages, in the log and in `X-Request-Id`.
  var requestID: String
  var now: Moment

  /// Who sent it.
  /// - Throws: `unauthenticated` when nobody is signed in; routes for signed-in people never do.
  var session: Session {
    get throws {
      guard case .session(let session) = visitor else {
        throw MarketError(.unauthenticated, "Nobody is signed in. Sign in first.")
      }
      return session
    }
  }

  var principal: Principal {
    get throws { try session.principal }
  }

  var cluster: ClusterName { ClusterName(request.parameters["cluster_name"] ?? "") }

  var appID: AppID {
    get throws { AppID(try number("id")) }
  }

  /// A number in the path.
  /// - Throws: `notFound` when it is none.
  func number(_ name: String) throws -> Int64 {
    guard let text = request.parameters[name], let number = Int64(text) else {
      throw MarketError(.notFound, "There is nothing at this address: a number is mistyped.")
    }
    return number
  }

  /// A field as it was typed; empty when there is none.
  func typed(_ field: String) -> String { form.first(field) ?? "" }

  /// A field without the spaces around it, which nobody means.
  func text(_ field: String) -> String {
    var text = Substring(typed(field))
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}

/// Who sent a request.
enum Visitor: Sendable {
  case session(Session)
  /// Nobody is signed in: the value of the cookie that stands in for a session where forms are concerned.
  case guest(String)

  /// What forms of this visitor carry.
  var csrf: CSRFToken {
    switch self {
    case .session(let session): CSRFToken(value: session.csrfToken)
    case .guest(let value): CSRFToken(value: Session.csrfToken(for: value))
    }
  }

  func accepts(csrfToken: String?) -> Bool {
    csrfToken.map { Token.equal($0, csrf.value) } ?? false
  }
}
