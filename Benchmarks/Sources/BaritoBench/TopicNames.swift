/// One topic, or many whose names differ in a number.
struct TopicNames: Sendable, Hashable {
  /// Of many, with `#` where the number stands, which no name of a topic holds.
  var pattern: String
  var count = 1

  var all: [String] {
    let parts = pattern.split(separator: "#", omittingEmptySubsequences: false)
    return (0..<count).map { number in parts.joined(separator: "\(number)") }
  }
}
