/// Which indices are past their app's days. Pure: what is deleted is decided here, and nowhere else.
struct RetentionPlan: Sendable, Equatable {
  struct Deletion: Sendable, Equatable, Comparable {
    var index: String
    /// Days since the end of the index's day.
    var age: Int
    /// Days that it had.
    var days: Int

    static func < (one: Deletion, other: Deletion) -> Bool { one.index < other.index }
  }

  /// In the order of their names.
  private(set) var deletions: [Deletion] = []

  /// - Parameters:
  ///   - indices: all names that the server has, others' too.
  ///   - today: days since 1970.
  init(_ indices: some Sequence<String>, _ rules: RetentionRules, today: Int) {
    for index in indices {
      guard let name = IndexDay(index), let days = RetentionPlan.days(of: name.prefix, rules),
        // A line of the day's last second has its days too.
        name.day + days < today
      else { continue }
      deletions.append(Deletion(index: index, age: today - name.day - 1, days: days))
    }
    deletions.sort()
  }

  /// An app's, or those of the app whose quarantine it is. An app may be called as another's quarantine: the longer.
  private static func days(of prefix: String, _ rules: RetentionRules) -> Int? {
    let own = rules.days(of: prefix)
    guard prefix.hasPrefix(QuarantineEntry.indexPrefix) else { return own }
    let quarantined = rules.days(of: String(prefix.dropFirst(QuarantineEntry.indexPrefix.count)))
    return [own, quarantined].compactMap(\.self).max()
  }

  /// The names in lists that fit a request's line.
  var lists: [[String]] { IndexLists.lists(deletions.map(\.index)) }
}
