/// Orders lines of several partitions by time without changing the order within any: what a cursor can say. Pure.
enum TimeOrder {
  /// Indexes into the lines, merged by time.
  ///
  /// - Parameter lines: the partition and timestamp of each, in the order of each partition.
  static func merge(_ lines: [(partition: Int, time: Int64)]) -> [Int] {
    var queues: [Int: (indexes: [Int], head: Int)] = [:]
    for (index, line) in lines.enumerated() { queues[line.partition, default: ([], 0)].indexes.append(index) }
    guard queues.count > 1 else { return Array(lines.indices) }
    var heads = queues.values.sorted { $0.indexes[0] < $1.indexes[0] }
    var order: [Int] = []
    order.reserveCapacity(lines.count)
    while !heads.isEmpty {
      var first = 0
      for candidate in heads.indices.dropFirst() {
        let (a, b) = (heads[candidate], heads[first])
        if lines[a.indexes[a.head]].time < lines[b.indexes[b.head]].time { first = candidate }
      }
      order.append(heads[first].indexes[heads[first].head])
      heads[first].head += 1
      if heads[first].head == heads[first].indexes.count { heads.remove(at: first) }
    }
    return order
  }

  /// How many lines to take from the end of each partition, to have the last `count` of all by time.
  ///
  /// - Parameter times: of each partition, oldest first.
  static func last(_ count: Int, of times: [[Int64]]) -> [Int] {
    var taken = times.map { _ in 0 }
    for _ in 0..<count {
      var best: Int?
      for index in times.indices where taken[index] < times[index].count {
        guard let known = best else {
          best = index
          continue
        }
        if newest(times[index], taken[index]) > newest(times[known], taken[known]) { best = index }
      }
      guard let best else { break }
      taken[best] += 1
    }
    return taken
  }

  private static func newest(_ times: [Int64], _ taken: Int) -> Int64 { times[times.count - 1 - taken] }
}
