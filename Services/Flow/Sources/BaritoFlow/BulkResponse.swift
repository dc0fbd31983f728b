import BaritoCore

/// What Elasticsearch said of each item of a `_bulk` request, in order.
struct BulkResponse: Sendable, Equatable {
  struct Item: Sendable, Equatable {
    /// An HTTP status.
    var status: Int
    /// `error.type`, such as `document_parsing_exception`; empty where there was no error.
    var errorType = ""
    /// `error.reason`, with the reason of its cause behind it.
    var reason = ""

    /// The type of what was not answered by the server at all.
    static let unanswered = "unanswered"
    var isUnanswered: Bool { errorType == Item.unanswered }
    /// The type of what was refused because its index is not there and cannot be made, whatever the server says of it.
    static let noIndex = "no_index"

    /// In a sentence, for the log.
    var text: String { "\(status) \(errorType): \(reason)" }
  }

  var items: [Item]

  /// Reads the answer to a request.
  ///
  /// - Returns: nil when it is not a whole answer to these items, in their order: then nobody knows what became of them.
  init?(_ body: Span<UInt8>, to request: BulkRequest) {
    if BulkResponse.saysAllCreated(body, request) {
      items = Array(repeating: Item(status: 201), count: request.count)
      return
    }
    guard let answer = try? BulkResponse.read(body, atMost: request.count), answer.count == request.count else {
      return nil
    }
    items = answer.map(\.item)
    // Where all items fared the same, their order says nothing.
    let isUniform = items.allSatisfy { $0.status == items[0].status }
    for (place, answer) in answer.enumerated() {
      guard let id = answer.id else {
        if isUniform { continue }
        return nil
      }
      guard id == request.id(request.items[place]) else { return nil }
    }
  }

  /// Whether the answer is, byte for byte, the one to a request of which every document was created: nearly all are.
  private static func saysAllCreated(_ body: Span<UInt8>, _ request: BulkRequest) -> Bool {
    var at = 0
    func skip(_ expected: Span<UInt8>) -> Bool {
      guard body.holds(expected, at: at) else { return false }
      at += expected.count
      return true
    }
    for (place, item) in request.items.enumerated() {
      guard skip(place == 0 ? opening.span : between.span), skip(request.escapedID(item)) else { return false }
    }
    return skip(closing.span) && at == body.count
  }

  private static let opening = Array(#"{"errors":false,"items":[{"create":{"_id":""#.utf8)
  private static let between = Array(#"","status":201}},{"create":{"_id":""#.utf8)
  private static let closing = Array(#"","status":201}}]}"#.utf8)

  private static func read(
    _ body: Span<UInt8>, atMost count: Int
  ) throws(JSONError) -> [(item: Item, id: String?)]? {
    let root = try JSONScanner.validate(body)
    guard root.kind == .object,
      let list = try JSONMembers.value(of: "items", inObjectAt: root.range, of: body), list.kind == .array
    else { return nil }
    var all: [(item: Item, id: String?)] = []
    all.reserveCapacity(count)
    var elements = JSONElements(of: list.range)
    while let element = try elements.next(in: body) {
      guard let answer = try item(element, in: body), all.count < count else { return nil }
      all.append(answer)
    }
    return all
  }

  /// Reads `{"create":{"_id":"…","status":201,…}}`.
  private static func item(
    _ element: JSONElement, in body: Span<UInt8>
  ) throws(JSONError) -> (item: Item, id: String?)? {
    guard element.kind == .object else { return nil }
    var actions = JSONMembers(of: element.range)
    guard let action = try actions.next(in: body), action.value.kind == .object else { return nil }
    var status: Int?
    var id: String?
    var item = Item(status: 0)
    var members = JSONMembers(of: action.value.range)
    while let member = try members.next(in: body) {
      if member.key.equals("status", in: body) {
        status = member.value.integer(in: body).map { Int($0) }
      } else if member.key.equals("_id", in: body) {
        id = member.value.string(in: body)
      } else if member.key.equals("error", in: body) {
        try read(error: member.value, into: &item, in: body)
      }
    }
    guard let status else { return nil }
    item.status = status
    return (item, id)
  }

  private static func read(error: JSONElement, into item: inout Item, in body: Span<UInt8>) throws(JSONError) {
    guard error.kind == .object else {
      item.reason = error.string(in: body) ?? ""
      return
    }
    var members = JSONMembers(of: error.range)
    while let member = try members.next(in: body) {
      if member.key.equals("type", in: body) {
        item.errorType = member.value.string(in: body) ?? ""
      } else if member.key.equals("reason", in: body) {
        item.reason = (member.value.string(in: body) ?? "") + item.reason
      } else if member.key.equals("caused_by", in: body), member.value.kind == .object,
        let cause = try JSONMembers.value(of: "reason", inObjectAt: member.value.range, of: body)
      {
        item.reason += ": " + (cause.string(in: body) ?? "")
      }
    }
  }
}
