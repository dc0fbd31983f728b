import BaritoCore

/// Documents on their way to Elasticsearch: the bytes of one `_bulk` body, and which record each item came from.
struct BulkRequest: Sendable {
  struct Item: Sendable, Equatable {
    /// The record's place in its batch.
    var record: Int
    /// The action line and the document line in `bytes`.
    var range: Range<Int>
    /// The length of the action line, with its line feed.
    var actionCount: Int
    /// The length of the id in the action line, escaped as JSON wants it.
    var idCount: Int
  }

  private(set) var bytes: [UInt8] = []
  private(set) var items: [Item] = []
  /// What the last document's action line began with, and the index in it: neighbours often share it.
  private var head: [UInt8] = []
  private var headIndex: [UInt8] = []

  var isEmpty: Bool { items.isEmpty }
  var count: Int { items.count }

  mutating func reserve(bytes: Int, items: Int) {
    self.bytes.reserveCapacity(bytes)
    self.items.reserveCapacity(items)
  }

  /// Adds a document that is created under this index and id, or is there already. Index names hold nothing that JSON
  /// would have to escape; ids that senders gave may.
  mutating func create(record: Int, index: [UInt8], id: [UInt8], document: Span<UInt8>) {
    if index != headIndex {
      headIndex = index
      head = BulkRequest.beforeIndex + index + BulkRequest.beforeID
    }
    let start = bytes.count
    bytes.append(contentsOf: head)
    let idStart = bytes.count
    JSONWriter.append(escaping: id.span, to: &bytes)
    let idEnd = bytes.count
    bytes.append(copying: BulkRequest.afterID.span, document, BulkRequest.lineFeed.span)
    items.append(
      Item(
        record: record, range: start..<bytes.count, actionCount: idEnd - start + BulkRequest.afterID.count,
        idCount: idEnd - idStart))
  }

  /// A request of these items alone, by their places in this one.
  func subset(_ places: some Sequence<Int>) -> BulkRequest {
    var request = BulkRequest()
    for place in places { request.append(items[place], of: self) }
    return request
  }

  /// Both halves, for a server that finds the whole too large.
  var halves: (BulkRequest, BulkRequest) {
    let middle = items.count / 2
    return (subset(0..<middle), subset(middle..<items.count))
  }

  /// The document of an item, without its line feed.
  @_lifetime(borrow self)
  func document(_ item: Item) -> Span<UInt8> {
    bytes.span.extracting(item.range.lowerBound + item.actionCount..<item.range.upperBound - 1)
  }

  /// Adds the item of another request, its document replaced.
  mutating func append(_ item: Item, of other: BulkRequest, document: Span<UInt8>) {
    let start = bytes.count
    bytes.append(contentsOf: other.bytes[item.range.prefix(item.actionCount)])
    bytes.append(copying: document)
    bytes.append(UInt8(ascii: "\n"))
    var mended = item
    mended.range = start..<bytes.count
    items.append(mended)
  }

  /// The name of an item's index.
  func index(of item: Item) -> String {
    let rest = bytes[item.range].dropFirst(BulkRequest.beforeIndex.count)
    return String(decoding: rest.prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
  }

  /// The id of an item as it stands in its action line, between quotes.
  @_lifetime(borrow self)
  func escapedID(_ item: Item) -> Span<UInt8> {
    let end = item.range.lowerBound + item.actionCount - BulkRequest.afterID.count
    return bytes.span.extracting(end - item.idCount..<end)
  }

  /// The id of an item.
  func id(_ item: Item) -> String {
    let end = item.range.lowerBound + item.actionCount - BulkRequest.afterID.count
    let quoted = JSONElement(kind: .string, range: end - item.idCount - 1..<end + 1)
    return quoted.string(in: bytes.span) ?? ""
  }

  private mutating func append(_ item: Item, of other: BulkRequest) {
    let start = bytes.count
    bytes.append(contentsOf: other.bytes[item.range])
    var moved = item
    moved.range = start..<bytes.count
    items.append(moved)
  }

  private static let beforeIndex = Array(#"{"create":{"_index":""#.utf8)
  private static let beforeID = Array(#"","_id":""#.utf8)
  private static let afterID = Array("\"}}\n".utf8)
  private static let lineFeed = [UInt8(ascii: "\n")]
}
