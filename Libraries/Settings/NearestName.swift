/// Finds what somebody meant.
enum NearestName {
  /// The name with the fewest edits, if so few that it is likely meant.
  static func of(_ name: String, among names: some Sequence<String>) -> String? {
    let nearest = names.map { (name: $0, distance: distance(name, $0)) }.min { $0.distance < $1.distance }
    guard let nearest, nearest.distance <= max(2, name.utf8.count / 3), nearest.distance < name.utf8.count else {
      return nil
    }
    return nearest.name
  }

  /// How many bytes to insert, delete or replace.
  static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.utf8)
    let b = Array(b.utf8)
    var row = Array(0...b.count)
    for (i, byte) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in b.enumerated() {
        let replaced = diagonal + (byte == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
      }
    }
    return row[b.count]
  }
}
