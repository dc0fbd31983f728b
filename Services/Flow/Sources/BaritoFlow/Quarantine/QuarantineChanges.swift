import BaritoCore

/// Changes to entries, as a bulk body. Both are harmless where the entry is not there any more.
struct QuarantineChanges: Sendable {
  private(set) var bytes: [UInt8] = []
  private(set) var count = 0

  mutating func remove(_ hit: QuarantineSearch.Hit) { action("delete", hit) }

  /// Gives an entry the reason of its last refusal. Its bytes stay as they are.
  mutating func update(_ hit: QuarantineSearch.Hit, _ refusal: Refusal) {
    var entry = hit.entry
    entry.refusal = refusal
    action("update", hit)
    var json = JSONWriter(appendingTo: bytes)
    json.object { json in
      json.object("doc") { json in
        json.member("type", refusal.kind.rawValue)
        json.member("reason", refusal.reason)
        json.member("fingerprint", entry.fingerprint)
        for (name, value) in [
          ("server_type", refusal.serverType), ("field", refusal.field), ("expected_type", refusal.expectedType),
          ("actual_type", refusal.actualType),
        ] {
          json.key(name)
          if let value, !value.isEmpty { json.value(value) } else { json.null() }
        }
        json.member("replays", entry.replays + 1)
      }
    }
    json.newLine()
    bytes = json.bytes
  }

  private mutating func action(_ name: String, _ hit: QuarantineSearch.Hit) {
    var json = JSONWriter(appendingTo: bytes)
    json.object { json in
      json.object(name) { json in
        json.member("_index", hit.index)
        json.member("_id", hit.id)
      }
    }
    json.newLine()
    bytes = json.bytes
    count += 1
  }
}
