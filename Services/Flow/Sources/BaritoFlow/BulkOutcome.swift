/// What to do with each item of a `_bulk` request after its answer. Pure: the delivery guarantee is decided here.
struct BulkOutcome: Sendable, Equatable {
  enum Verdict: Sendable, Equatable {
    /// Created just now.
    case indexed
    /// There already, from an attempt that was not heard of to its end.
    case duplicate
    /// To be sent again a little later: the cluster has more to do than it can.
    case retry
    /// To be sent again much later: its own index does not take documents for now, and others need not wait for it.
    case park
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
      if verdict == .retry, retryReason == nil { retryReason = item.text }
    }
  }

  /// A state of the cluster or of an index passes, so it is waited out. Only what Elasticsearch says of the document
  /// itself is final.
  static func verdict(on item: BulkResponse.Item) -> Verdict {
    switch item.status {
    case 200, 201: .indexed
    case 409: .duplicate
    case 400 where passing.contains(item.errorType) || passingReasons.contains(where: item.reason.hasPrefix): .park
    case 400, 413: .refused
    // A full disk makes indices read-only, which comes with 429 as well (Elasticsearch 7.7 and later).
    case 429 where item.errorType != "cluster_block_exception": .retry
    // No shard is there, the index is read-only, or we may not write to it: all of them states of one index.
    default: .park
    }
  }

  /// Types that come with 400 although they speak of the cluster: too many shards open, an index that is closed.
  private static let passing: Set<String> = [
    "validation_exception", "index_closed_exception", "cluster_block_exception", "illegal_state_exception",
    "index_create_block_exception", "resource_already_exists_exception", BulkResponse.Item.noIndex,
  ]

  /// What is said of an operator's settings, with a type that speaks of documents.
  private static let passingReasons = ["pipeline with id [", "no write index is defined for alias ["]
}
