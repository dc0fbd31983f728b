/// What a sender calls a document, and when the document says that it happened.
public struct SenderID: Sendable, Equatable {
  public var id: String
  /// The document's own `@timestamp` in milliseconds since 1970, where it says a time that an index may be named by. The
  /// same in every try, so that a document sent again after midnight lies in the same index.
  public var time: Int64?

  public init(_ id: String, time: Int64? = nil) {
    self.id = id
    self.time = time
  }

  /// How far a document's time may be ahead. Each day has an index of its own, so a time far ahead would make indices
  /// that no retention deletes.
  public static let tolerance: Duration = .seconds(86_400)

  /// The time that a document says in a text of RFC 3339 or in a number of milliseconds since 1970; nil for anything else,
  /// for times before 1970, and for times more than `tolerance` ahead of `now`.
  static func time(of element: JSONElement, in bytes: Span<UInt8>, now: Timestamp) -> Int64? {
    let time: Int64?
    switch element.kind {
    case .string: time = element.string(in: bytes).flatMap { Timestamp($0)?.milliseconds }
    case .number: time = element.integer(in: bytes)
    default: time = nil
    }
    guard let time, time >= 0, time <= now.milliseconds + Int64(tolerance / .milliseconds(1)) else { return nil }
    return time
  }
}
