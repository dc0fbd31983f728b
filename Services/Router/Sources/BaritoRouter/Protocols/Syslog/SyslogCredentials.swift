import BaritoCore
import BaritoService

/// Who a sender of syslog says it is: `[barito@32473 secret="…"]` with an app's secret, or with a group's and
/// `app="…"`.
struct SyslogCredentials {
  /// What was read last, so that a secret is hashed once and not with each message.
  private var last: (secret: [UInt8], app: [UInt8]?, credentials: Credentials)?

  /// - Returns: nil where the message does not say it.
  mutating func read(_ message: SyslogMessage, in bytes: Span<UInt8>) -> Credentials? {
    guard let own = message.own else { return nil }
    guard let secret = own.value(of: "secret", in: bytes) else { return Credentials.none }
    let app = own.value(of: "app", in: bytes)
    if let last, last.secret.isEqual(bytes.extracting(secret)), SyslogCredentials.isSame(last.app, app, bytes) {
      return last.credentials
    }
    let credentials = SyslogCredentials.make(
      SyslogCredentials.text(secret, in: bytes), app.map { SyslogCredentials.text($0, in: bytes) })
    last = (bytes.copy(secret), app.map { bytes.copy($0) }, credentials)
    return credentials
  }

  private static func make(_ secret: String, _ app: String?) -> Credentials {
    if secret.isEmpty { return .none }
    guard let app else { return .app(SecretHash(of: secret)) }
    return app.isEmpty ? .nameMissing : .group(SecretHash(of: secret), appName: app)
  }

  private static func text(_ range: Range<Int>, in bytes: Span<UInt8>) -> String {
    let value = bytes.extracting(range)
    return String(decoding: SyslogElement.unescaped(value) ?? bytes.copy(range), as: UTF8.self)
  }

  private static func isSame(_ app: [UInt8]?, _ range: Range<Int>?, _ bytes: Span<UInt8>) -> Bool {
    guard let app, let range else { return app == nil && range == nil }
    return app.isEqual(bytes.extracting(range))
  }

  /// In the words of this protocol where the pipeline speaks of headers.
  static func explain(_ refusal: Refusal) -> Refusal {
    var refusal = refusal
    switch refusal.code {
    case .noSecret:
      refusal.detail =
        "A message came without the app's secret. Send it as the structured data [barito@32473 secret=\"…\"], or put that "
        + "at the beginning of the text; with a group's secret, add app=\"NAME\"."
    case .unknownSecret:
      refusal.detail = "The secret in [barito@32473 secret=\"…\"] was never given out, or it was revoked."
    default: break
    }
    return refusal
  }
}

extension Span<UInt8> {
  fileprivate func copy(_ range: Range<Int>) -> [UInt8] {
    var copy: [UInt8] = []
    copy.append(copying: extracting(range))
    return copy
  }
}

extension [UInt8] {
  fileprivate func isEqual(_ bytes: Span<UInt8>) -> Bool {
    guard count == bytes.count else { return false }
    for index in indices where self[index] != bytes[index] { return false }
    return true
  }
}
