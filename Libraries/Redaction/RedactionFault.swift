/// What is wrong with one of an app's rules.
public struct RedactionFault: Sendable, Equatable {
  /// Its place in the list, from 0; nil where the list as a whole is wrong.
  public var rule: Int?
  /// The member of the rule, as JSON spells it: `name`, `pattern`, `path`, `hint_start`, `hint_end`.
  public var member: String
  /// For the person who wrote it: what is wrong and how to mend it.
  public var detail: String
  /// The byte of the pattern or path at which it went wrong; nil where no place is to blame.
  public var offset: Int?

  public init(rule: Int?, _ member: String, _ detail: String, offset: Int? = nil) {
    self.rule = rule
    self.member = member
    self.detail = detail
    self.offset = offset
  }
}
