/// How a sender says who it is (architecture 5.1).
enum Credentials: Sendable, Equatable {
  /// `X-App-Secret`, or `Authorization: Bearer`.
  case app(secret: String)
  /// `X-App-Group-Secret` with `X-App-Name`.
  case group(secret: String, appName: String)
  case none
  /// A group's secret came without the app's name.
  case nameMissing

  /// The app's secret wins when both kinds are sent, as it did in the first Barito.
  /// - Parameter header: the value of the header of that name, in any case; nil when it was not sent.
  init(header: (String) -> String?) {
    if let secret = header("X-App-Secret"), !secret.isEmpty {
      self = .app(secret: secret)
    } else if let secret = header("X-App-Group-Secret"), !secret.isEmpty {
      if let name = header("X-App-Name"), !name.isEmpty {
        self = .group(secret: secret, appName: name)
      } else {
        self = .nameMissing
      }
    } else if let bearer = header("Authorization").flatMap({ Credentials.bearer($0) }) {
      self = .app(secret: bearer)
    } else {
      self = .none
    }
  }

  /// The secret of either kind.
  var secret: String? {
    switch self {
    case .app(let secret), .group(let secret, _): secret
    case .none, .nameMissing: nil
    }
  }

  private static func bearer(_ header: String) -> String? {
    let parts = header.split(separator: " ", omittingEmptySubsequences: true)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return String(parts[1])
  }
}
