import BaritoCore

/// One event of the stream, taken apart where it lies. Pure.
struct TailEvent {
  enum Kind {
    /// The document's range.
    case line(document: Range<Int>)
    case gap(reason: String, lines: Int64)
    case heartbeat
    case end(reason: String, detail: String)
  }

  var kind: Kind
  var cursor: String?
  var app = ""
  /// RFC 3339, UTC.
  var at = ""

  /// - Parameter bytes: one line of NDJSON.
  /// - Returns: nil for what is no event, or one that this version does not know.
  init?(_ bytes: Span<UInt8>) {
    guard let object = try? JSONScanner.validate(bytes), object.kind == .object else { return nil }
    var members = JSONMembers(of: object.range)
    var kind: Kind?
    while let member = try? members.next(in: bytes) {
      switch member.key.decoded(in: bytes) {
      case "cursor": cursor = member.value.string(in: bytes)
      case "app": app = member.value.string(in: bytes) ?? ""
      case "at": at = member.value.string(in: bytes) ?? ""
      case "line": kind = .line(document: member.value.range)
      case "heartbeat": kind = .heartbeat
      case "gap":
        kind = .gap(
          reason: Self.text("reason", member.value, bytes),
          lines: Self.member("lines", member.value, bytes)?.integer(in: bytes) ?? 0)
      case "end":
        kind = .end(reason: Self.text("reason", member.value, bytes), detail: Self.text("detail", member.value, bytes))
      default: break
      }
    }
    guard let kind else { return nil }
    self.kind = kind
  }

  private static func member(_ name: String, _ element: JSONElement, _ bytes: Span<UInt8>) -> JSONElement? {
    guard element.kind == .object else { return nil }
    return (try? JSONMembers.value(of: name, inObjectAt: element.range, of: bytes)) ?? nil
  }

  private static func text(_ name: String, _ element: JSONElement, _ bytes: Span<UInt8>) -> String {
    member(name, element, bytes)?.string(in: bytes) ?? ""
  }
}
