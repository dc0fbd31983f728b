/// A type that a setting can have: read from text, and written so that reading it again gives the same value.
public protocol SettingValue: Sendable, Equatable {
  /// What to call a value in help, in one word: `duration`.
  static var settingTypeName: String { get }
  /// Reads a value.
  static func parseSetting(_ text: String) throws(SettingFault) -> Self
  /// The value as one would write it in a configuration file.
  var settingText: String { get }
  /// True of a type whose option needs no value: `--follow`.
  static var isFlag: Bool { get }
  /// Reads what was given in several arguments: `--app a --app b`. The last one counts, unless the type is a list.
  static func parseSettings(_ texts: [String]) throws(SettingFault) -> Self
}

extension SettingValue {
  public static var isFlag: Bool { false }

  public static func parseSettings(_ texts: [String]) throws(SettingFault) -> Self {
    try parseSetting(texts.last ?? "")
  }
}

/// What is wrong with a text, and how to mend it. Neither repeats the text: it may be a secret.
public struct SettingFault: Error, Sendable, Equatable {
  /// Goes on after the value: `is not a number`.
  public var what: String
  /// An order: `write a whole number, such as 10`.
  public var remedy: String

  public init(_ what: String, remedy: String) {
    self.what = what
    self.remedy = remedy
  }
}

extension String: SettingValue {
  public static var settingTypeName: String { "text" }
  public static func parseSetting(_ text: String) -> String { text }
  public var settingText: String { self }
}

extension Int: SettingValue {
  public static var settingTypeName: String { "number" }

  public static func parseSetting(_ text: String) throws(SettingFault) -> Int {
    guard let number = Int(text) else {
      throw SettingFault("is not a whole number", remedy: "write digits, such as 10")
    }
    return number
  }

  public var settingText: String { String(self) }
}

extension Bool: SettingValue {
  public static var settingTypeName: String { "true or false" }
  public static var isFlag: Bool { true }

  public static func parseSetting(_ text: String) throws(SettingFault) -> Bool {
    switch text.lowercased() {
    case "true", "yes", "on", "1": return true
    case "false", "no", "off", "0": return false
    default: throw SettingFault("is neither true nor false", remedy: "write true or false")
    }
  }

  public var settingText: String { self ? "true" : "false" }
}

/// A setting that may have no value; empty text is none.
extension Optional: SettingValue where Wrapped: SettingValue {
  public static var settingTypeName: String { Wrapped.settingTypeName }
  public static var isFlag: Bool { Wrapped.isFlag }

  public static func parseSetting(_ text: String) throws(SettingFault) -> Wrapped? {
    text.isEmpty ? nil : try Wrapped.parseSetting(text)
  }

  public static func parseSettings(_ texts: [String]) throws(SettingFault) -> Wrapped? {
    texts == [""] ? nil : try Wrapped.parseSettings(texts)
  }

  public var settingText: String { self?.settingText ?? "" }
}

/// A list is separated by commas; an option that is repeated adds to it.
extension Array: SettingValue where Element: SettingValue {
  public static var settingTypeName: String { "\(Element.settingTypeName),…" }

  public static func parseSetting(_ text: String) throws(SettingFault) -> [Element] {
    var elements: [Element] = []
    for part in text.split(separator: ",") {
      let part = part.trimmingBlanks
      if !part.isEmpty { elements.append(try Element.parseSetting(part)) }
    }
    return elements
  }

  public static func parseSettings(_ texts: [String]) throws(SettingFault) -> [Element] {
    var elements: [Element] = []
    for text in texts { elements += try parseSetting(text) }
    return elements
  }

  public var settingText: String { map(\.settingText).joined(separator: ",") }
}

/// An enumeration of strings is a setting by declaring the conformance: `enum Mode: String, CaseIterable, SettingValue`.
extension SettingValue where Self: RawRepresentable & CaseIterable, RawValue == String {
  public static var settingTypeName: String { allCases.map(\.rawValue).joined(separator: "|") }

  public static func parseSetting(_ text: String) throws(SettingFault) -> Self {
    if let value = Self(rawValue: text) { return value }
    let names = allCases.map(\.rawValue)
    let nearest = NearestName.of(text, among: names).map { " (did you mean \($0)?)" } ?? ""
    throw SettingFault("is not one of the choices", remedy: "write \(names.joined(separator: ", "))\(nearest)")
  }

  public var settingText: String { rawValue }
}

extension StringProtocol {
  /// Without spaces and tabs at either end.
  var trimmingBlanks: String {
    var text = self[...]
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text.drop(while: \.isWhitespace))
  }
}
