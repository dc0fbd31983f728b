import BaritoCore

/// Reads the body of a `_bulk` call from front to back: an action on a line, its document on the next.
///
/// What is wrong with a document is said of its item, and the others go on. What is wrong with an action refuses the
/// request, because nobody knows what the lines behind it are.
struct BulkReader {
  static func read(
    _ body: Span<UInt8>, _ form: BulkProtocol.Form, into writer: inout DocumentBatchWriter
  ) throws(IngestRejection) -> BulkItems {
    var items = BulkItems(form.filter)
    var lines = LineSplitter(maximumLineBytes: writer.limits.documentBytes)
    while let line = lines.next(in: body) {
      let action: BulkAction
      do throws(JSONError) {
        action = try BulkAction(body.extracting(line.range))
      } catch {
        let offset = line.range.lowerBound + error.offset
        throw IngestRejection(
          .malformed, in: .line(line.number), at: offset,
          "Malformed action/metadata line [\(line.number)], byte \(offset) of the body: \(error.reason)")
      }
      // Blank or not, the next line is the document.
      let source = action.kind.hasSource ? lines.nextOfAll(in: body) : nil
      guard source != nil || !action.kind.hasSource else {
        throw IngestRejection(
          .malformed, in: .line(line.number), at: body.count,
          "The action in line \(line.number) is the last: the line with its document is missing")
      }
      let fault = try fault(action, source, body, &writer)
      if let fault { writer.refuse(fault.code) }
      items.append(action.kind, index: action.index ?? form.index, id: action.id, fault)
    }
    guard items.count > 0 else {
      throw IngestRejection(
        .noItems, in: .body, at: body.count, "The body has no actions: a bulk request is lines of actions and documents"
      )
    }
    return items
  }

  /// Takes the document of an action; why not, where it was not taken.
  private static func fault(
    _ action: BulkAction, _ source: LineSplitter.Line?, _ body: Span<UInt8>, _ writer: inout DocumentBatchWriter
  ) throws(IngestRejection) -> BulkItems.Fault? {
    guard action.kind.isTaken, let source else {
      return .init("illegal_argument_exception", "Lines are only added here: send create or index, not \(action.kind)")
    }
    if let fault = fault(id: action.id) { return fault }
    if source.isTooLong { return .tooLarge(source.range.count, writer.limits) }
    let text = body.extracting(source.range)
    let outcome: DocumentBatchWriter.Outcome
    do throws(JSONError) {
      var scanner = JSONScanner(maximumDepth: writer.limits.depth)
      let kind = try scanner.peekKind(in: text)
      guard kind == .object else {
        return .init("document_parsing_exception", "Line \(source.number) is not an object (\(kind))")
      }
      outcome = try writer.append(text, with: &scanner, id: action.id, isWhole: true)
    } catch {
      let offset = source.range.lowerBound + error.offset
      return .init(
        "document_parsing_exception",
        "Line \(source.number) is not valid JSON at byte \(offset) of the body: \(error.reason)")
    }
    switch outcome {
    case .taken: return nil
    case .tooLarge(let size): return .tooLarge(size, writer.limits)
    case .tooMany:
      let rejection = IngestRejection(
        outcome, writer.limits, in: .line(source.number), at: source.range.lowerBound)
      if let rejection { throw rejection }
      return nil
    }
  }

  /// What Elasticsearch has against an id.
  private static func fault(id: String?) -> BulkItems.Fault? {
    guard let id else { return nil }
    if id.isEmpty { return .init("illegal_argument_exception", "if _id is specified it must not be empty") }
    let size = id.utf8.count
    guard size > DocumentID.maximumLength else { return nil }
    return .init(
      "illegal_argument_exception",
      "id is too long, must be no longer than \(DocumentID.maximumLength) bytes but was: \(size)")
  }
}
