/// Everything that is wrong with a program's settings, all at once.
public struct SettingsErrors: Error, Sendable, Equatable, CustomStringConvertible {
  public struct Problem: Sendable, Equatable, CustomStringConvertible {
    /// The key, option or name at fault.
    public var subject: String
    /// Where it was given: `environment BARITO_LISTEN`. Nil where it was not given.
    public var origin: String?
    /// What is wrong; never holds a secret.
    public var what: String
    /// How to mend it.
    public var remedy: String

    public init(_ subject: String, origin: String? = nil, _ what: String, remedy: String) {
      self.subject = subject
      self.origin = origin
      self.what = what
      self.remedy = remedy
    }

    public var description: String {
      "\(subject)\(origin.map { " (\($0))" } ?? ""): \(what); \(remedy)"
    }
  }

  public var problems: [Problem]

  public init(_ problems: [Problem]) { self.problems = problems }

  /// One line a problem, indented under a heading.
  public var description: String {
    let heading = problems.count == 1 ? "A setting is wrong:" : "\(problems.count) settings are wrong:"
    return ([heading] + problems.map { "  \($0)" }).joined(separator: "\n")
  }
}
