import BaritoCore
import BaritoService

/// Who a sender of the forward protocol says it is.
enum ForwardCredentials {
  /// An app's secret, or `NAME:SECRET` with a group's secret and the app's name, which has no colon.
  static func read(_ text: Span<UInt8>) -> Credentials {
    guard !text.isEmpty, let text = String(validating: Array(copying: text), as: UTF8.self) else { return .none }
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return .app(SecretHash(of: text)) }
    let (name, secret) = (String(text[..<colon]), String(text[text.utf8.index(after: colon)...]))
    if secret.isEmpty { return .none }
    return name.isEmpty ? .nameMissing : .group(SecretHash(of: secret), appName: name)
  }

  /// The first part of a tag, up to the first dot, is the secret of a sender that gives none otherwise.
  /// - Returns: the secret's part, and what is left as the tag.
  static func split(_ tag: Range<Int>, in bytes: Span<UInt8>) -> (secret: Range<Int>, tag: Range<Int>) {
    for index in tag where bytes[index] == UInt8(ascii: ".") {
      return (tag.lowerBound..<index, index + 1..<tag.upperBound)
    }
    return (tag, tag.upperBound..<tag.upperBound)
  }

  /// In the words of this protocol where the others speak of headers.
  static func explain(_ refusal: Refusal) -> Refusal {
    guard refusal.code == .noSecret || refusal.code == .unknownSecret else { return refusal }
    var refusal = refusal
    refusal.detail =
      "No app has the secret that was sent. Set username, password and shared_key to the app's secret, or begin each tag "
      + "with it and a dot, for senders that have no such settings."
    return refusal
  }
}

extension [UInt8] {
  init(copying span: Span<UInt8>) {
    self = []
    append(copying: span)
  }
}
