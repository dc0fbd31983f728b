import BaritoCore

/// What the answer says of each action, written while the body is read: nothing is remembered of an item but that.
///
/// It speaks of documents as taken. That is sent only where all of them are safe in Kafka; else the request is refused
/// whole.
struct BulkItems: Sendable {
  /// Why an item was not taken.
  struct Fault: Sendable, Equatable {
    /// As Elasticsearch calls it.
    var type: String
    var reason: String
    /// What it is counted as.
    var code: IngestRejection.Code

    init(_ type: String, _ reason: String, code: IngestRejection.Code = .malformed) {
      self.type = type
      self.reason = reason
      self.code = code
    }

    static func tooLarge(_ size: Int, _ limits: DocumentBatch.Limits) -> Fault {
      Fault(
        "document_too_large_exception",
        "The document has \(size) bytes; the limit is \(limits.documentBytes): shorten it or split it",
        code: .lineTooLarge)
    }

    /// One for all faults: sending the item again cannot help. Any other status than this, 404 and 409 makes Logstash
    /// repeat the item for ever, 413 too.
    static let status = 400
  }

  /// The members of an item that the answer has.
  private struct Members: OptionSet {
    let rawValue: Int
    static let index = Members(rawValue: 1), id = Members(rawValue: 2), version = Members(rawValue: 4)
    static let result = Members(rawValue: 8), shards = Members(rawValue: 16), status = Members(rawValue: 32)
    static let type = Members(rawValue: 64), reason = Members(rawValue: 128)
    static let ofFault: Members = [.index, .id, .status, .type, .reason]
    static let ofSuccess: Members = [.index, .id, .version, .result, .shards, .status]
  }

  /// Items that are shown, with commas between them.
  private(set) var bytes: [UInt8] = []
  /// All items, shown or not.
  private(set) var count = 0
  private(set) var hasErrors = false
  private let members: [BulkAction.Kind: Members]
  private let isFiltered: Bool
  /// The last item that was taken and says nothing of its own: most are the same.
  private var last: (kind: BulkAction.Kind, index: String, range: Range<Int>)?

  init(_ filter: FilterPath) {
    isFiltered = !filter.isOpen
    members = Dictionary(
      uniqueKeysWithValues: BulkAction.Kind.allCases.map { kind in
        let names: [(Members, [String])] = [
          (.index, ["_index"]), (.id, ["_id"]), (.version, ["_version"]), (.result, ["result"]),
          (.shards, ["_shards"]), (.status, ["status"]), (.type, ["error", "type"]), (.reason, ["error", "reason"]),
        ]
        return (
          kind,
          names.reduce(into: Members()) { members, name in
            if filter.includes(["items", kind.rawValue] + name.1) { members.insert(name.0) }
          }
        )
      })
  }

  /// Whether the answer has items at all.
  var isShown: Bool { !isFiltered || !bytes.isEmpty }

  /// - Parameter fault: nil for a document that was taken.
  mutating func append(_ kind: BulkAction.Kind, index: String, id: String?, _ fault: Fault?) {
    count += 1
    if fault != nil { hasErrors = true }
    let shown = (members[kind] ?? []).intersection(fault == nil ? .ofSuccess : .ofFault)
    guard !shown.isEmpty else { return }
    if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
    let isPlain = fault == nil && (id == nil || !shown.contains(.id))
    let start = bytes.count
    if isPlain, let last, last.kind == kind, last.index == index || !shown.contains(.index) {
      bytes.append(contentsOf: bytes[last.range])
      return
    }
    write(kind, index, id, fault, shown)
    if isPlain { last = (kind, index, start..<bytes.count) }
  }

  private mutating func write(
    _ kind: BulkAction.Kind, _ index: String, _ id: String?, _ fault: Fault?, _ shown: Members
  ) {
    var json = JSONWriter()
    json.object { json in
      json.object(kind.rawValue) { json in
        if shown.contains(.index) { json.member("_index", index) }
        if shown.contains(.id) {
          json.key("_id")
          // Where the client gave none, Flow makes one of where the record lies.
          if let id { json.value(id) } else { json.null() }
        }
        if shown.contains(.version) { json.member("_version", 1) }
        if shown.contains(.result) { json.member("result", "created") }
        if shown.contains(.shards) {
          json.object("_shards") { json in
            json.member("total", 1)
            json.member("successful", 1)
            json.member("failed", 0)
          }
        }
        if shown.contains(.status) { json.member("status", fault == nil ? 201 : Fault.status) }
        guard let fault, shown.contains(.type) || shown.contains(.reason) else { return }
        json.object("error") { json in
          if shown.contains(.type) { json.member("type", fault.type) }
          if shown.contains(.reason) { json.member("reason", fault.reason) }
        }
      }
    }
    bytes += json.bytes
  }
}
