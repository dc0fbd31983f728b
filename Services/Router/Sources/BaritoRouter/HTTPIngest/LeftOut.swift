import BaritoCore

/// Counts the log records of a request, and says of those that were left out, while the others were taken, why.
struct LeftOut: Sendable, Equatable {
  /// Of those that were left out.
  private(set) var count = 0
  /// Records seen, those that were left out included.
  private(set) var seen = 0
  /// Why the first was left out, and how to mend it.
  private var detail = ""

  /// Where the record that is being read stands among all.
  var place: IngestRejection.Place { .record(seen) }

  /// Ends a record's document.
  ///
  /// - Parameters:
  ///   - start: where the document begins.
  ///   - offset: where the record stands in the body.
  /// - Throws: where the batch is full, which refuses the request.
  mutating func close(
    _ start: Int, at offset: Int, isStamped: Bool, repairs: Int, _ writer: inout DocumentBatchWriter
  ) throws(IngestRejection) {
    let place = try next(at: offset, writer)
    let outcome = writer.close(start, isStamped: isStamped, repairs: repairs)
    guard let rejection = IngestRejection(outcome, writer.limits, in: place, at: offset) else { return }
    guard case .tooLarge = outcome else { throw rejection }
    add(rejection.code, rejection.detail, &writer)
  }

  /// Leaves a record out whose document would be larger than one may be.
  mutating func tooLarge(
    from start: Int, at offset: Int, _ writer: inout DocumentBatchWriter
  ) throws(IngestRejection) {
    let place = try next(at: offset, writer)
    writer.cancel(start)
    add(
      .lineTooLarge,
      "\(place) makes a document of more than \(writer.limits.documentBytes) bytes: shorten it or split it", &writer)
  }

  /// Leaves a record out whose values are deeper than allowed.
  mutating func tooDeep(
    _ limit: Int, from start: Int, at offset: Int, _ writer: inout DocumentBatchWriter
  ) throws(IngestRejection) {
    let place = try next(at: offset, writer)
    writer.cancel(start)
    add(.malformed, "\(place) has more than \(limit) objects and arrays inside each other", &writer)
  }

  /// Those that are left out count too: reading them takes as long.
  private mutating func next(
    at offset: Int, _ writer: borrowing DocumentBatchWriter
  ) throws(IngestRejection) -> IngestRejection.Place {
    let place = place
    seen += 1
    guard seen > writer.limits.items,
      let rejection = IngestRejection(.tooMany, writer.limits, in: place, at: offset)
    else { return place }
    throw rejection
  }

  private mutating func add(
    _ code: IngestRejection.Code, _ detail: String, _ writer: inout DocumentBatchWriter
  ) {
    if count == 0 { self.detail = detail }
    count += 1
    writer.refuse(code)
  }

  /// What a sender reads of it.
  var message: String {
    count > 1
      ? "\(count) log records were not taken, the first because \(detail)" : "a log record was not taken: \(detail)"
  }
}
