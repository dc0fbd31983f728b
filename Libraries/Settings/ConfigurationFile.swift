/// The lines of a configuration file: `key = value`, and comments after `#` at the start of a line or after a blank.
///
/// A value in double quotes keeps its blanks and its `#`; `\"` and `\\` stand for themselves.
struct ConfigurationFile: Equatable {
  struct Line: Equatable {
    var key: String
    var value: String
    var number: Int
  }

  let path: String
  var lines: [Line] = []
  var problems: [SettingsErrors.Problem] = []

  init(path: String, text: String) {
    self.path = path
    var seen: [String: Int] = [:]
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let number = index + 1
      let line = line.trimmingBlanks
      if line.isEmpty || line.hasPrefix("#") { continue }
      guard let equals = line.firstIndex(of: "="), equals != line.startIndex else {
        problems.append(.init("a line", origin: origin(number), "is not a setting", remedy: "write key = value"))
        continue
      }
      let key = line[..<equals].trimmingBlanks
      if let first = seen[key] {
        problems.append(
          .init(key, origin: origin(number), "is given twice, first in line \(first)", remedy: "remove one of them"))
        continue
      }
      seen[key] = number
      guard let value = Self.value(line[line.index(after: equals)...].trimmingBlanks) else {
        problems.append(
          .init(key, origin: origin(number), "has a quote that does not end", remedy: "write key = \"value\""))
        continue
      }
      lines.append(Line(key: key, value: value, number: number))
    }
  }

  func origin(_ line: Int) -> String { "\(path) line \(line)" }

  /// Nil where a quote does not end, or something follows it that is no comment.
  private static func value(_ text: String) -> String? {
    guard text.hasPrefix("\"") else {
      var end = text.startIndex
      var afterBlank = true
      while end < text.endIndex, !(afterBlank && text[end] == "#") {
        afterBlank = text[end].isWhitespace
        end = text.index(after: end)
      }
      return text[..<end].trimmingBlanks
    }
    var value = ""
    var escaped = false
    var rest = text.dropFirst()
    while let character = rest.popFirst() {
      if escaped {
        if character != "\"", character != "\\" { value.append("\\") }
        value.append(character)
        escaped = false
      } else if character == "\\" {
        escaped = true
      } else if character == "\"" {
        let tail = rest.trimmingBlanks
        return tail.isEmpty || tail.hasPrefix("#") ? value : nil
      } else {
        value.append(character)
      }
    }
    return nil
  }
}
