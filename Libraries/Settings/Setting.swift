/// The declaration of one setting: its key, type, default and meaning.
///
/// ```swift
/// static let brokers = Setting(required: "kafka.brokers", [Address].self, "Where Kafka listens.")
/// static let linger = Setting("kafka.linger", Duration.self, default: .milliseconds(5), "How long to wait for more.")
/// ```
/// The key `kafka.brokers` is the option `--kafka-brokers`, the environment variable `PREFIX_KAFKA_BROKERS`, and the line
/// `kafka.brokers = …` of a configuration file.
public struct Setting<Value: SettingValue>: DeclaredSetting {
  public let declaration: SettingDeclaration
  let fallback: Value?
  let check: @Sendable (Value) -> SettingFault?

  /// A setting with a default. A setting that may have no value has an optional type and the default nil.
  ///
  /// - Parameters:
  ///   - key: lower-case words of letters, digits and dashes, separated by dots.
  ///   - secret: its value is never printed, and it can be given in a file: `--key-file`, `PREFIX_KEY_FILE`.
  ///   - short: a letter for commands: `-l`.
  ///   - meaning: one sentence.
  ///   - check: says what is wrong with a value that the type allows.
  public init(
    _ key: String, _ type: Value.Type, default: Value, secret: Bool = false, short: Character? = nil,
    _ meaning: String, check: @escaping @Sendable (Value) -> SettingFault? = { _ in nil }
  ) {
    self.init(key, fallback: `default`, type: nil, secret: secret, short: short, meaning, check)
  }

  /// A setting without which the program does not start.
  public init(
    required key: String, _ type: Value.Type, secret: Bool = false, short: Character? = nil, _ meaning: String,
    check: @escaping @Sendable (Value) -> SettingFault? = { _ in nil }
  ) {
    self.init(key, fallback: nil, type: nil, secret: secret, short: short, meaning, check)
  }

  private init(
    _ key: String, fallback: Value?, type: String?, secret: Bool, short: Character?, _ meaning: String,
    _ check: @escaping @Sendable (Value) -> SettingFault?
  ) {
    self.declaration = SettingDeclaration(
      key: key, typeName: type ?? Value.settingTypeName, defaultText: fallback.map(\.settingText),
      isRequired: fallback == nil, isSecret: secret, isFlag: Value.isFlag, short: short, meaning: meaning)
    self.fallback = fallback
    self.check = check
  }
}

extension Setting where Value: Comparable {
  /// A setting whose value must be in a range.
  public init(
    _ key: String, _ type: Value.Type, in range: ClosedRange<Value>, default: Value, short: Character? = nil,
    _ meaning: String
  ) {
    let span = "\(range.lowerBound.settingText) to \(range.upperBound.settingText)"
    self.init(key, fallback: `default`, type: "\(Value.settingTypeName), \(span)", secret: false, short: short, meaning)
    {
      value in
      range.contains(value) ? nil : SettingFault("is out of range", remedy: "write something from \(span)")
    }
  }
}

/// Settings that pass through by name, verbatim, to a library: everything under a prefix.
///
/// `kafka.property` takes `--kafka-property linger.ms=5` (repeated), `PREFIX_KAFKA_PROPERTY_LINGER_MS=5` (every `_` of the
/// name becomes a dot) and the lines `kafka.property.linger.ms = 5`.
public struct SettingFamily: DeclaredSetting {
  public let declaration: SettingDeclaration

  public init(_ key: String, _ meaning: String) {
    declaration = SettingDeclaration(
      key: key, typeName: "name=value", defaultText: "", isRequired: false, isSecret: false, isFlag: false, short: nil,
      meaning: meaning, isFamily: true)
  }
}

/// A `Setting` of any type, or a `SettingFamily`.
public protocol DeclaredSetting: Sendable {
  var declaration: SettingDeclaration { get }
}

/// What help and tables tell of a setting.
public struct SettingDeclaration: Sendable, Equatable {
  public let key: String
  public let typeName: String
  /// Nil where there is no default.
  public let defaultText: String?
  public let isRequired: Bool
  public let isSecret: Bool
  public let isFlag: Bool
  public let short: Character?
  public let meaning: String
  public let isFamily: Bool

  init(
    key: String, typeName: String, defaultText: String?, isRequired: Bool, isSecret: Bool, isFlag: Bool,
    short: Character?, meaning: String, isFamily: Bool = false
  ) {
    precondition(Self.isKey(key), "\(key) is not a key: write lower-case words separated by dots and dashes")
    self.key = key
    self.typeName = typeName
    self.defaultText = defaultText
    self.isRequired = isRequired
    self.isSecret = isSecret
    self.isFlag = isFlag
    self.short = short
    self.meaning = meaning
    self.isFamily = isFamily
  }

  /// `--kafka-brokers`
  public var option: String { "--" + key.replacing(".", with: "-") }

  /// `BARITO_KAFKA_BROKERS`
  public func environmentName(prefix: String) -> String {
    let words = key.uppercased().map { $0 == "." || $0 == "-" ? "_" : $0 }
    return "\(prefix)_\(String(words))"
  }

  private static func isKey(_ key: String) -> Bool {
    key.first?.isLetter == true && key.last != "." && key.last != "-" && !key.contains("..")
      && key.utf8.allSatisfy {
        (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
      }
  }
}

extension String {
  fileprivate func replacing(_ old: Character, with new: Character) -> String { String(map { $0 == old ? new : $0 }) }
}
