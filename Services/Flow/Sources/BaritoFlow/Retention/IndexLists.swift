/// Cuts names of indices into lists that each fit the first line of a request, which servers hold to 4096 bytes.
enum IndexLists {
  static let maximumCount = 50
  static let maximumBytes = 3_000

  static func lists(_ names: [String], ofAtMost count: Int = maximumCount) -> [[String]] {
    var lists: [[String]] = []
    var bytes = 0
    for name in names {
      let size = name.utf8.count + 1
      if let last = lists.last, last.count < count, bytes + size <= maximumBytes {
        lists[lists.count - 1].append(name)
        bytes += size
      } else {
        lists.append([name])
        bytes = size
      }
    }
    return lists
  }
}
