/// How many of the fields that an index may have the apps' newest indices have, and when that is worth a warning. Pure.
struct FieldBudget: Sendable {
  /// An app that has come to a part of its budget, in percent, that it had not come to before.
  struct Crossing: Sendable, Equatable {
    var prefix: String
    var fields: Int
    var percent: Int
  }

  /// What is warned of, in percent.
  static let marks = [90, 70]

  /// How many fields an index may have.
  let limit: Int
  private var highest: [String: (day: Int, mark: Int)] = [:]

  init(limit: Int) { self.limit = limit }

  /// Takes in how many fields the indices of a day have, by their prefix.
  /// - Returns: what has crossed a mark, each once a day.
  mutating func take(_ fields: [String: Int], day: Int) -> [Crossing] {
    highest = highest.filter { $0.value.day == day }
    var crossings: [Crossing] = []
    for (prefix, count) in fields.sorted(by: { $0.key < $1.key }) {
      guard let mark = FieldBudget.marks.first(where: { count * 100 >= $0 * limit }) else { continue }
      if let before = highest[prefix], before.mark >= mark { continue }
      highest[prefix] = (day, mark)
      crossings.append(Crossing(prefix: prefix, fields: count, percent: count * 100 / limit))
    }
    return crossings
  }
}
