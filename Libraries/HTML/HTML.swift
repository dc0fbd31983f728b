/// A piece of markup. The only way to build one is a literal, and everything interpolated into it is escaped:
///
///     let item: HTML = "<li title=\"\(hint)\">\(name)</li>"
///     let list: HTML = "<ul>\(names.map { "<li>\($0)</li>" as HTML })</ul>"
///
/// Markup inside markup stays as it is, because its type says that it is markup. Text is escaped for element content
/// and for quoted attributes alike; write every attribute with quotes. Text at the beginning of `href="`, `src="`,
/// `action="` or `formaction="` must also be a harmless URL (``isHarmlessURL(_:)``), otherwise `about:invalid` takes
/// its place. An optional text does not compile: say what stands there when it is missing.
public struct HTML: Sendable, Hashable {
  /// The markup as text, ready to be sent as UTF-8.
  public let markup: String

  /// Markup that was made elsewhere and is taken as it is. Never call it with anything that a person or another
  /// program wrote: this is the one door past the escaping.
  public init(trustedMarkup: String) {
    markup = trustedMarkup
  }

  /// Several pieces one after the other, `separator` between them.
  public init(_ pieces: some Sequence<HTML>, separator: HTML = "") {
    markup = pieces.lazy.map(\.markup).joined(separator: separator.markup)
  }

  /// Whether there is nothing in it.
  public var isEmpty: Bool { markup.isEmpty }

  /// One piece after the other.
  public static func + (first: HTML, second: HTML) -> HTML {
    HTML(trustedMarkup: first.markup + second.markup)
  }
}

// The literal type is `StaticString`, so that only text from the source code passes unescaped: with `String` the
// compiler would accept `HTML(stringLiteral: anything)`.
extension HTML: ExpressibleByStringInterpolation {
  /// Markup without interpolations.
  public init(stringLiteral value: StaticString) {
    markup = value.description
  }

  /// What the compiler makes of a literal with interpolations.
  public init(stringInterpolation: StringInterpolation) {
    markup = stringInterpolation.markup
  }

  /// Collects the parts of a literal, escaping what is not markup.
  public struct StringInterpolation: StringInterpolationProtocol, Sendable {
    var markup = ""

    public init(literalCapacity: Int, interpolationCount: Int) {
      markup.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    public mutating func appendLiteral(_ literal: StaticString) {
      markup += literal.description
    }

    /// Text, escaped; at the beginning of a URL attribute it must be a harmless URL.
    public mutating func appendInterpolation(_ text: some StringProtocol) {
      if HTML.urlAttributes.contains(where: markup.hasSuffix), !HTML.isHarmlessURL(text) {
        markup += "about:invalid"
      } else {
        HTML.appendEscaped(text, to: &markup)
      }
    }

    /// A whole number in decimal digits.
    public mutating func appendInterpolation(_ number: some BinaryInteger) {
      markup += number.description
    }

    /// Markup, as it is.
    public mutating func appendInterpolation(_ html: HTML) {
      markup += html.markup
    }

    /// Markup, or nothing.
    public mutating func appendInterpolation(_ html: HTML?) {
      if let html { markup += html.markup }
    }

    /// Pieces of markup one after the other.
    public mutating func appendInterpolation(_ pieces: some Sequence<HTML>) {
      for piece in pieces { markup += piece.markup }
    }

    /// Markup on a condition: `<input\(" checked", if: isChosen)>`.
    public mutating func appendInterpolation(_ html: @autoclosure () -> HTML, if condition: Bool) {
      if condition { markup += html().markup }
    }
  }
}

extension HTML: CustomStringConvertible {
  /// The markup.
  public var description: String { markup }
}
