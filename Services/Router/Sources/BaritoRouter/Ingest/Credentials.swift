import BaritoCore
import BaritoService

/// How a sender says who it is (architecture 5.1). Secrets are hashed as they are read; the text goes no further.
enum Credentials: Sendable, Equatable {
  /// `X-App-Secret`, or `Authorization: Bearer`.
  case app(SecretHash)
  /// `X-App-Group-Secret` with `X-App-Name`.
  case group(SecretHash, appName: String)
  /// `Authorization: Basic`, or `ApiKey` as Elasticsearch's shippers have it: the secret is the password. It is an app's,
  /// whatever the user is called, or a group's and the user is the app's name.
  case basic(user: String, SecretHash)
  case none
  /// A group's secret came without the app's name.
  case nameMissing
  /// `Authorization` is there and not in a form that is known.
  case unreadable

  /// The app's secret wins when several kinds are sent, as it did in the first Barito.
  /// - Parameter header: the value of the header of that name, in any case; nil when it was not sent.
  init(header: (String) -> String?) {
    if let secret = header("X-App-Secret"), !secret.isEmpty {
      self = .app(SecretHash(of: secret))
    } else if let secret = header("X-App-Group-Secret"), !secret.isEmpty {
      if let name = header("X-App-Name"), !name.isEmpty {
        self = .group(SecretHash(of: secret), appName: name)
      } else {
        self = .nameMissing
      }
    } else if let authorization = header("Authorization"), !authorization.isEmpty {
      self.init(authorization: authorization)
    } else {
      self = .none
    }
  }

  /// The secret that was sent, whosever it is; nil when none was.
  var secret: SecretHash? {
    switch self {
    case .app(let secret), .group(let secret, _), .basic(_, let secret): secret
    case .none, .nameMissing, .unreadable: nil
    }
  }

  private init(authorization: String) {
    let parts = authorization.split(separator: " ", omittingEmptySubsequences: true)
    self = .unreadable
    guard parts.count == 2 else { return }
    switch parts[0].lowercased() {
    case "bearer":
      self = .app(SecretHash(of: String(parts[1])))
    case "basic", "apikey":
      // Base64 of `user:password`, RFC 7617; the password may hold colons.
      guard let bytes = Base64.decode(parts[1].utf8), let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
        let user = String(validating: bytes[..<colon], as: UTF8.self),
        let password = String(validating: bytes[(colon + 1)...], as: UTF8.self), !password.isEmpty
      else { return }
      self = .basic(user: user, SecretHash(of: password))
    default: return
    }
  }
}
