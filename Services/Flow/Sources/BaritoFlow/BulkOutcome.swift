/// What to do with each item of a `_bulk` request after its answer. Pure: the delivery guarantee is decided here.
struct BulkOutcome: Sendable, Equatable {
  enum Verdict: Sendable, Equatable {
    /// Created just now.
    case indexed
    /// There already, from an attempt that was not heard of to its end.
    case duplicate
    /// To be sent again: a state of the cluster or of an index that passes.
    case retry
    /// Will never be taken as it is: it goes to the quarantine.
    case refused
  }

  /// One for each item, in the order of the request.
  private(set) var verdicts: [Verdict] = []
  /// The first reason to try again, for the log.
  private(set) var retryReason: String?

  init(_ response: BulkResponse) {
    verdicts.reserveCapacity(response.items.count)
    for item in response.items {
      let verdict = BulkOutcome.verdict(on: item)
      verdicts.append(verdict)
      if verdict == .retry, retryReason == nil { retryReason = "\(item.status) \(item.errorType): \(item.reason)" }
    }
  }

  /// The places of the items of a verdict.
  func places(_ verdict: Verdict) -> [Int] { verdicts.indices.filter { verdicts[$0] == verdict } }

  /// A state of the cluster or of an index passes, so it is waited out. Only what Elasticsearch says of the document
  /// itself is final.
  static func verdict(on item: BulkResponse.Item) -> Verdict {
    switch item.status {
    case 200, 201: .indexed
    case 409: .duplicate
    case 400 where passing.contains(item.errorType): .retry
    case 400, 413: .refused
    default: .retry
    }
  }

  /// Types that come with 400 although they speak of the cluster: too many shards open, an index that is closed.
  private static let passing: Set<String> = [
    "validation_exception", "index_closed_exception", "cluster_block_exception", "illegal_state_exception",
    "index_create_block_exception", "resource_already_exists_exception",
  ]
}
