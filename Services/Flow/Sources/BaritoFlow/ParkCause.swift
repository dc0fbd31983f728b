/// Why an index takes no documents for now. Bounded: a metric label.
enum ParkCause: String, Sendable, CaseIterable {
  /// Somebody, or a full disk, made it read-only.
  case readOnly = "read_only"
  /// A shard, or the node that has it, is away.
  case unavailable
  /// We may not write to it.
  case notAllowed = "not_allowed"
  /// It is closed, or cannot be made.
  case closed
  /// The server fails over what is to be written.
  case failing
  case other

  init(_ item: BulkResponse.Item) {
    switch (item.errorType, item.status) {
    case ("cluster_block_exception", _): self = .readOnly
    case ("security_exception", _), (_, 401), (_, 403): self = .notAllowed
    case ("unavailable_shards_exception", _), ("no_shard_available_action_exception", _), (_, 503), (_, 504):
      self = .unavailable
    case ("index_closed_exception", _), ("index_create_block_exception", _), ("validation_exception", _),
      (BulkResponse.Item.noIndex, _):
      self = .closed
    case (_, 500): self = .failing
    default: self = .other
    }
  }
}
