import BaritoCore

/// Remembers the documents of named batches that were shown last, so that a batch that its sender sent twice is shown
/// once. Bounded: after so many others a document would be shown again.
struct RecentDocuments {
  private let capacity: Int
  private var known: Set<DocumentID> = []
  private var order: [DocumentID] = []
  private var oldest = 0

  init(capacity: Int = 8192) { self.capacity = capacity }

  /// - Returns: whether it is new.
  mutating func insert(_ id: DocumentID) -> Bool {
    guard known.insert(id).inserted else { return false }
    if order.count < capacity {
      order.append(id)
    } else {
      known.remove(order[oldest])
      order[oldest] = id
      oldest = (oldest + 1) % capacity
    }
    return true
  }
}
