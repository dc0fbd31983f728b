/// A document made of a timber of the first Barito.
public struct TimberDocument: Sendable, Equatable {
  /// Where a document's `@timestamp` comes from.
  public enum TimestampSource: String, Sendable, CaseIterable {
    /// The log's own.
    case content
    /// When the first Barito received it, which it wrote beside the content.
    case timber
    /// Neither has one: the framer's.
    case fallback
    /// Nowhere: the document has none.
    case none
  }

  /// Where the document stands in the output: one JSON object on one line, without the line's end.
  public var range: Range<Int>
  public var timestamp: TimestampSource
  /// How many U+FFFD were put in place of bytes that are not UTF-8.
  public var repairs: Int
  /// Whether the timber had a content. The first Barito wrote timbers without one for what it could not convert; it
  /// discarded them later.
  public var hasContent: Bool
}

/// What became of one timber of a collection.
public enum TimberOutcome: Sendable, Equatable {
  case document(TimberDocument)
  /// Cannot be made a document, for the reason given; the timber stands at `timber` in the collection's bytes.
  case refused(timber: Range<Int>, ProtobufError)
}
