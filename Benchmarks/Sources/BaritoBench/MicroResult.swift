/// How fast one function is.
struct MicroResult: Sendable, Equatable {
  var name: String
  /// What `items` counts.
  var item: String
  var items: Int
  /// 0 where a function reads none to speak of.
  var bytes: Int
  /// For all of the items.
  var seconds: Double

  static func table(_ results: [MicroResult]) -> String {
    var table = ResultsTable(["", "ns each", "a second", "MB/s"])
    for result in results {
      let each = result.seconds / Double(result.items)
      table.add([
        result.name, grouped(each * 1_000_000_000), "\(grouped(1 / each)) \(result.item)",
        result.bytes == 0 ? "" : grouped(Double(result.bytes) / result.seconds / 1_000_000),
      ])
    }
    return table.text
  }
}
