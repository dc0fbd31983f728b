/// Just enough of a reader of our own markup to hold rules against it: elements in order, with their attributes.
struct WebElement: Sendable {
  var name: String
  var attributes: [String: String]
  var isEnd: Bool

  /// Every tag of the markup; a problem is an attribute without quotes or a tag that does not end.
  static func all(in markup: String) -> (elements: [WebElement], problems: [String]) {
    var elements: [WebElement] = []
    var problems: [String] = []
    var rest = markup[...]
    while let open = rest.firstIndex(of: "<") {
      rest = rest[rest.index(after: open)...]
      let isEnd = rest.first == "/"
      if isEnd { rest = rest.dropFirst() }
      let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "!" })
      rest = rest.dropFirst(name.count)
      var attributes: [String: String] = [:]
      while let first = rest.first, first != ">" {
        if first.isWhitespace || first == "/" {
          rest = rest.dropFirst()
          continue
        }
        let key = rest.prefix { !$0.isWhitespace && $0 != "=" && $0 != ">" }
        rest = rest.dropFirst(key.count)
        guard rest.first == "=" else {
          attributes[String(key)] = ""
          continue
        }
        rest = rest.dropFirst()
        guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else {
          problems.append("<\(name) \(key)=\(rest.prefix(20)) is not quoted")
          break
        }
        if attributes[String(key)] != nil { problems.append("<\(name)> has \(key) twice") }
        attributes[String(key)] = String(rest[rest.index(after: rest.startIndex)..<end])
        rest = rest[rest.index(after: end)...]
      }
      elements.append(WebElement(name: name, attributes: attributes, isEnd: isEnd))
    }
    return (elements, problems)
  }

  /// Elements that have no end tag, and the shapes that we write as `<path …/>`.
  static let empty: Set<String> = ["!DOCTYPE", "meta", "link", "input", "img", "path", "circle", "rect", "br"]

  /// What is opened and not closed, or closed and not opened, in the order of the markup.
  static func unbalanced(_ elements: [WebElement]) -> [String] {
    var open: [String] = []
    var wrong: [String] = []
    for element in elements where !empty.contains(element.name) {
      if !element.isEnd {
        open.append(element.name)
      } else if open.last == element.name {
        open.removeLast()
      } else {
        wrong.append("</\(element.name)> inside \(open.suffix(3).joined(separator: " "))")
      }
    }
    return wrong + open.map { "<\($0)> is not closed" }
  }
}
