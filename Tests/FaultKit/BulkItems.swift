import BaritoCore

/// The items of a bulk request and of its answer, as bytes.
enum BulkItems {
  /// One `create` with its document, both lines.
  struct Item {
    var index: String
    var id: String
    var lines: ArraySlice<UInt8>
  }

  /// - Returns: nil where it is no body of actions with documents.
  static func ofRequest(_ body: [UInt8]) -> [Item]? {
    let lineFeed = UInt8(ascii: "\n")
    var items: [Item] = []
    var start = 0
    while start < body.count {
      guard let action = body[start...].firstIndex(of: lineFeed),
        let end = body[(action + 1)...].firstIndex(of: lineFeed)
      else { return nil }
      let head = Array(body[start..<action])
      guard let (index, id) = address(head) else { return nil }
      items.append(Item(index: index, id: id, lines: body[start...end]))
      start = end + 1
    }
    return items
  }

  /// The elements of the answer's `items`; nil where there are none.
  static func ofAnswer(_ body: [UInt8]) -> [[UInt8]]? {
    do throws(JSONError) {
      guard let items = try JSONMembers.value(of: "items", inObjectAt: 0..<body.count, of: body.span) else {
        return nil
      }
      var elements = JSONElements(of: items.range)
      var found: [[UInt8]] = []
      while let element = try elements.next(in: body.span) { found.append(Array(body[element.range])) }
      return found
    } catch { return nil }
  }

  static func answer(_ items: [[UInt8]]) -> [UInt8] {
    Array(#"{"errors":true,"items":["#.utf8) + items.joined(separator: [UInt8(ascii: ",")]) + Array("]}".utf8)
  }

  static func busy(_ item: Item) -> [UInt8] {
    Array(
      #"{"create":{"_index":"\#(item.index)","_id":"\#(item.id)","status":429,"error":{"type":"es_rejected_execution_exception","reason":"rejected by the test"}}}"#
        .utf8)
  }

  private static func address(_ action: [UInt8]) -> (index: String, id: String)? {
    do throws(JSONError) {
      guard let create = try JSONMembers.value(of: "create", inObjectAt: 0..<action.count, of: action.span),
        let index = try JSONMembers.value(of: "_index", inObjectAt: create.range, of: action.span),
        let id = try JSONMembers.value(of: "_id", inObjectAt: create.range, of: action.span)
      else { return nil }
      return (text(index, action), text(id, action))
    } catch { return nil }
  }

  private static func text(_ element: JSONElement, _ bytes: [UInt8]) -> String {
    JSONStringText(element, in: bytes.span)?.decoded(in: bytes.span) ?? ""
  }
}
