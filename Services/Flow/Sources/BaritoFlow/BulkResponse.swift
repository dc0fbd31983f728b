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
  }

  var items: [Item]

  /// - Returns: nil when the body is not a whole answer to `count` items: then nobody knows what became of them.
  init?(_ body: Span<UInt8>, count: Int) {
    items = []
    items.reserveCapacity(count)
    do throws(JSONError) {
      let root = try JSONScanner.validate(body)
      guard root.kind == .object,
        let list = try JSONMembers.value(of: "items", inObjectAt: root.range, of: body), list.kind == .array
      else { return nil }
      var elements = JSONElements(of: list.range)
      while let element = try elements.next(in: body) {
        guard let item = try BulkResponse.item(element, in: body), items.count < count else { return nil }
        items.append(item)
      }
    } catch {
      return nil
    }
    guard items.count == count else { return nil }
  }

  /// Reads `{"create":{"status":201,…}}`.
  private static func item(_ element: JSONElement, in body: Span<UInt8>) throws(JSONError) -> Item? {
    guard element.kind == .object else { return nil }
    var actions = JSONMembers(of: element.range)
    guard let action = try actions.next(in: body), action.value.kind == .object else { return nil }
    var status: Int?
    var item = Item(status: 0)
    var members = JSONMembers(of: action.value.range)
    while let member = try members.next(in: body) {
      if member.key.equals("status", in: body) {
        status = member.value.integer(in: body).map { Int($0) }
      } else if member.key.equals("error", in: body) {
        try read(error: member.value, into: &item, in: body)
      }
    }
    guard let status else { return nil }
    item.status = status
    return item
  }

  private static func read(error: JSONElement, into item: inout Item, in body: Span<UInt8>) throws(JSONError) {
    guard error.kind == .object else {
      item.reason = error.text(in: body)
      return
    }
    var members = JSONMembers(of: error.range)
    while let member = try members.next(in: body) {
      if member.key.equals("type", in: body) {
        item.errorType = member.value.text(in: body)
      } else if member.key.equals("reason", in: body) {
        item.reason = member.value.text(in: body) + item.reason
      } else if member.key.equals("caused_by", in: body), member.value.kind == .object,
        let cause = try JSONMembers.value(of: "reason", inObjectAt: member.value.range, of: body)
      {
        item.reason += ": " + cause.text(in: body)
      }
    }
  }
}
