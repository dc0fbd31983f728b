import BaritoCore

/// How the body of a `/produce…` call holds its lines.
enum ProduceFormat: Sendable, CaseIterable {
  /// One JSON value: one line.
  case single
  /// `{"items":[…]}`: a line an element. Other members are checked and ignored.
  case items
  /// A JSON value on each line that is not blank.
  case ndjson
}

/// Reads one body from front to back, each value once.
struct ProduceReader {
  private let limits: DocumentBatch.Limits
  /// What is being read: where a syntax error belongs.
  private var place = IngestRejection.Place.body
  /// Why reading stopped early, other than for its syntax.
  private var rejection: IngestRejection?

  /// Takes the lines of the body; a body without items is a batch without documents.
  static func read(
    _ body: Span<UInt8>, as format: ProduceFormat, into writer: inout DocumentBatchWriter
  ) throws(IngestRejection) {
    var reader = ProduceReader(limits: writer.limits)
    do throws(JSONError) {
      switch format {
      case .single: try reader.readSingle(body, &writer)
      case .items: try reader.readItems(body, &writer)
      case .ndjson: try reader.readLines(body, &writer)
      }
    } catch {
      throw IngestRejection(error, in: reader.place)
    }
    if let rejection = reader.rejection { throw rejection }
  }

  private init(limits: DocumentBatch.Limits) { self.limits = limits }

  private mutating func readSingle(_ body: Span<UInt8>, _ writer: inout DocumentBatchWriter) throws(JSONError) {
    var scanner = JSONScanner(maximumDepth: limits.depth)
    if try append(body, with: &scanner, base: 0, &writer) { try scanner.end(in: body) }
  }

  private mutating func readItems(_ body: Span<UInt8>, _ writer: inout DocumentBatchWriter) throws(JSONError) {
    var scanner = JSONScanner(maximumDepth: limits.depth)
    let kind = try scanner.peekKind(in: body)
    guard kind == .object else { return refuse(noItems: "the body is not an object (\(kind))", at: scanner.position) }
    var isFound = false
    try scanner.openObject(in: body)
    while let key = try scanner.nextKey(in: body) {
      guard key.equals("items", in: body) else {
        _ = try scanner.value(in: body)
        continue
      }
      let kind = try scanner.peekKind(in: body)
      // Reading one of two would drop lines without a word.
      if isFound { return refuse(noItems: "\"items\" stands there twice", at: key.range.lowerBound) }
      guard kind == .array else { return refuse(noItems: "\"items\" is not an array (\(kind))", at: scanner.position) }
      isFound = true
      try scanner.openArray(in: body)
      while try scanner.nextElement(in: body) {
        place = .item(writer.count)
        guard try append(body, with: &scanner, base: 0, &writer) else { return }
      }
      place = .body
    }
    try scanner.end(in: body)
    if !isFound { refuse(noItems: "the member \"items\" is missing", at: body.count) }
  }

  private mutating func readLines(_ body: Span<UInt8>, _ writer: inout DocumentBatchWriter) throws(JSONError) {
    var lines = LineSplitter(maximumLineBytes: limits.documentBytes)
    while let line = lines.next(in: body) {
      place = .line(line.number)
      if line.isTooLong {
        rejection = IngestRejection(.tooLarge(line.range.count), limits, in: place, at: line.range.lowerBound)
        return
      }
      let text = body.extracting(line.range)
      var scanner = JSONScanner(maximumDepth: limits.depth)
      do throws(JSONError) {
        guard try append(text, with: &scanner, base: line.range.lowerBound, &writer) else { return }
        try scanner.end(in: text)
      } catch {
        throw JSONError(error.code, at: error.offset + line.range.lowerBound, error.reason)
      }
    }
  }

  /// Takes the value at the scanner's position; false where that goes beyond a limit.
  ///
  /// - Parameter base: where `bytes` start in the body.
  private mutating func append(
    _ bytes: Span<UInt8>, with scanner: inout JSONScanner, base: Int, _ writer: inout DocumentBatchWriter
  ) throws(JSONError) -> Bool {
    let offset = base + scanner.position
    let outcome = try writer.append(bytes, with: &scanner)
    rejection = IngestRejection(outcome, limits, in: place, at: offset)
    return outcome == .taken
  }

  private mutating func refuse(noItems reason: String, at offset: Int) {
    rejection = IngestRejection(
      .noItems, in: .body, at: offset, "\(reason): a batch is an object with an array: {\"items\":[…]}")
  }
}
