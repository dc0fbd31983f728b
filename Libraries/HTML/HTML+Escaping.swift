extension HTML {
  /// Whether a browser that follows this URL stays on the web: a relative reference, or `http`, `https` or `mailto`.
  /// `javascript:`, `data:` and every other scheme is refused, and so is what browsers read differently from how it
  /// looks: control characters and spaces (they are dropped before the scheme is read), and a relative reference that
  /// names another host (`//host`, `/\host`).
  public static func isHarmlessURL(_ url: some StringProtocol) -> Bool {
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }) else { return false }
    guard !url.hasPrefix("//") else { return false }
    // A colon makes a scheme only where no slash, question mark or number sign stands before it.
    guard let end = url.utf8.firstIndex(where: { schemeEnds.contains($0) }), url.utf8[end] == UInt8(ascii: ":") else {
      return true
    }
    return ["http", "https", "mailto"].contains(url[..<end].lowercased())
  }

  static let urlAttributes = ["href=\"", "src=\"", "action=\""]

  private static let schemeEnds: [UInt8] = [0x3A, 0x2F, 0x3F, 0x23]  // : / ? #

  /// Appends text in which nothing can end an element's content or a quoted attribute. NUL, which is not allowed in
  /// HTML, becomes U+FFFD.
  static func appendEscaped(_ text: some StringProtocol, to markup: inout String) {
    var clean = text.utf8.startIndex
    for index in text.utf8.indices {
      let replacement: String
      switch text.utf8[index] {
      case UInt8(ascii: "&"): replacement = "&amp;"
      case UInt8(ascii: "<"): replacement = "&lt;"
      case UInt8(ascii: ">"): replacement = "&gt;"
      case UInt8(ascii: "\""): replacement = "&quot;"
      case UInt8(ascii: "'"): replacement = "&#39;"
      case 0: replacement = "\u{FFFD}"
      default: continue
      }
      markup += text[clean..<index]
      markup += replacement
      clean = text.utf8.index(after: index)
    }
    markup += text[clean...]
  }
}
