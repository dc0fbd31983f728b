internal import BaritoCore

/// The fields of a JSON body. Collects all that is wrong with them, so that one answer tells everything; a field that
/// nobody asks for is wrong too, because it is usually a misspelt one.
struct APIBody {
  private let members: [String: JSONValue]
  private var asked: Set<String> = []
  private var faults: [MarketError.Field] = []

  /// - Throws: `malformed` unless the bytes are a JSON object.
  init(_ bytes: [UInt8]) throws {
    guard let members = try? WireJSON.decode([String: JSONValue].self, from: bytes) else {
      throw MarketError(.malformed, "The body is not a JSON object. Send one, such as {\"name\": \"checkout\"}.")
    }
    self.members = members
  }

  private init(_ members: [String: JSONValue]) { self.members = members }

  /// A field that must be there.
  mutating func text(_ name: String) -> String {
    guard let text = optionalText(name) else {
      if !faults.contains(where: { $0.name == name }) {
        faults.append(.init(name, "The field \(name) is missing. Add it, with a text."))
      }
      return ""
    }
    return text
  }

  mutating func optionalText(_ name: String) -> String? {
    read(name, "a text") { if case .string(let text) = $0 { text } else { nil } }
  }

  mutating func optionalInteger(_ name: String) -> Int? {
    read(name, "a whole number") { if case .integer(let number) = $0 { Int(number) } else { nil } }
  }

  mutating func optionalBoolean(_ name: String) -> Bool? {
    read(name, "true or false") { if case .boolean(let value) = $0 { value } else { nil } }
  }

  /// A number that `null` takes away.
  mutating func setting(_ name: String) -> Apps.Setting<Int> {
    if members[name] == .null {
      asked.insert(name)
      return .set(nil)
    }
    return optionalInteger(name).map { .set($0) } ?? .unchanged
  }

  /// A word of a closed set.
  mutating func optionalWord<Word: RawRepresentable & Sendable>(_ name: String, among all: [Word]) -> Word?
  where Word.RawValue == String {
    guard let text = optionalText(name) else { return nil }
    if let word = all.first(where: { $0.rawValue == text }) { return word }
    let choices = all.map(\.rawValue).joined(separator: ", ")
    faults.append(.init(name, "The field \(name) cannot be \(text). Choose from \(choices)."))
    return nil
  }

  mutating func texts(_ name: String) -> [String] {
    read(name, "a list of texts") { value in
      guard case .array(let values) = value else { return nil }
      let texts: [String] = values.compactMap { if case .string(let text) = $0 { text } else { nil } }
      return texts.count == values.count ? texts : nil
    } ?? []
  }

  /// A list of redaction rules; nil where it is `null`, or missing and not required.
  mutating func redactionRules(_ name: String, isRequired: Bool = false) -> [RedactionRule]? {
    if isRequired, members[name] == nil {
      faults.append(.init(name, "The field \(name) is missing. Add it, with a list of rules or null."))
    }
    let read = self.read(name, "a list of rules") { if case .array(let values) = $0 { values } else { nil } }
    return read?.enumerated().map { place, value in redactionRule(value, "\(name)[\(place)]") }
  }

  private mutating func redactionRule(_ value: JSONValue, _ name: String) -> RedactionRule {
    guard case .object(let members) = value else {
      faults.append(
        .init(name, "The rule \(name) must be an object, such as {\"name\": \"CARD\", \"pattern\": \"…\"}."))
      return RedactionRule(name: "", nil)
    }
    var body = APIBody(members)
    let (pattern, path) = (body.optionalText("pattern"), body.optionalText("path"))
    let rule = RedactionRule(
      name: body.text("name"), pattern.map { .pattern($0) } ?? path.map { .path($0) },
      hintStart: body.optionalInteger("hint_start") ?? 0, hintEnd: body.optionalInteger("hint_end") ?? 0)
    if pattern != nil, path != nil {
      body.faults.append(.init("path", "A rule has a pattern or a path, not both. Make two rules of it."))
    }
    body.refuseOthers()
    faults += body.faults.map { .init("\(name).\($0.name)", $0.detail) }
    return rule
  }

  /// - Throws: `invalid` with everything that was wrong.
  mutating func finish() throws {
    refuseOthers()
    guard faults.isEmpty else { throw MarketError.invalid(faults) }
  }

  private mutating func refuseOthers() {
    for name in members.keys.sorted() where !asked.contains(name) {
      faults.append(
        .init(name, "There is no field \(name) here. Known are \(asked.sorted().joined(separator: ", "))."))
    }
  }

  private mutating func read<Value>(_ name: String, _ kind: String, _ read: (JSONValue) -> Value?) -> Value? {
    asked.insert(name)
    guard let member = members[name], member != .null else { return nil }
    if let value = read(member) { return value }
    faults.append(.init(name, "The field \(name) must be \(kind)."))
    return nil
  }
}
