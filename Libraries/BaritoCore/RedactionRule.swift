/// What is taken out of an app's documents before anybody can search or see it.
///
/// `Redactor` in the library Redaction says what may stand here and does it.
public struct RedactionRule: Sendable, Equatable {
  /// Stands in what is written instead: `[CARD REDACTED]`.
  public var name: String
  /// Nil where it is of a kind that this program does not know.
  public var target: Target?
  /// Characters that are left at the start of what is taken out, so that people recognize it.
  public var hintStart: Int
  /// Characters that are left at its end.
  public var hintEnd: Int

  public enum Target: Sendable, Equatable {
    /// A regular expression: whatever it matches in a string value is taken out.
    case pattern(String)
    /// Where a value stands, such as `.user.email` or `.items[].card`: it is taken out whole.
    case path(String)
  }

  public init(name: String, _ target: Target?, hintStart: Int = 0, hintEnd: Int = 0) {
    self.name = name
    self.target = target
    self.hintStart = hintStart
    self.hintEnd = hintEnd
  }
}

extension RedactionRule: Codable {
  enum CodingKeys: String, CodingKey {
    case name, pattern, path
    case hintStart = "hint_start"
    case hintEnd = "hint_end"
  }

  public init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    name = try members.decode(String.self, forKey: .name)
    if let pattern = try members.decodeIfPresent(String.self, forKey: .pattern) {
      target = .pattern(pattern)
    } else {
      target = try members.decodeIfPresent(String.self, forKey: .path).map { .path($0) }
    }
    hintStart = try members.decodeIfPresent(Int.self, forKey: .hintStart) ?? 0
    hintEnd = try members.decodeIfPresent(Int.self, forKey: .hintEnd) ?? 0
  }

  public func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: CodingKeys.self)
    try members.encode(name, forKey: .name)
    switch target {
    case .pattern(let pattern): try members.encode(pattern, forKey: .pattern)
    case .path(let path): try members.encode(path, forKey: .path)
    case nil: break
    }
    if hintStart != 0 { try members.encode(hintStart, forKey: .hintStart) }
    if hintEnd != 0 { try members.encode(hintEnd, forKey: .hintEnd) }
  }
}
