import BaritoCore

/// Reads Loki's push request as JSON: `{"streams":[{"stream":{"app":"shop"},"values":[["<nanoseconds>","line",{…}]]}]}`,
/// without a tree of objects. Members that are not known are checked and ignored.
struct LokiJSONReader {
  private var scanner: JSONScanner
  private var documents: LokiDocuments
  /// What is being read: where a syntax error belongs.
  private var place = IngestRejection.Place.body
  /// Why the request is refused, other than for its syntax.
  private var rejection: IngestRejection?

  static func read(_ body: Span<UInt8>, into writer: inout DocumentBatchWriter) throws(IngestRejection) -> LeftOut {
    var reader = LokiJSONReader(writer)
    do throws(JSONError) {
      try reader.request(body, &writer)
    } catch {
      throw IngestRejection(error, in: reader.place)
    }
    if let rejection = reader.rejection { throw rejection }
    return reader.documents.leftOut
  }

  private init(_ writer: borrowing DocumentBatchWriter) {
    scanner = JSONScanner(maximumDepth: writer.limits.depth)
    documents = LokiDocuments(writer)
  }

  private mutating func request(_ bytes: Span<UInt8>, _ writer: inout DocumentBatchWriter) throws(JSONError) {
    var isFound = false
    try scanner.openObject(in: bytes)
    while rejection == nil, let key = try scanner.nextKey(in: bytes) {
      guard key.equals("streams", in: bytes) else {
        _ = try scanner.value(in: bytes)
        continue
      }
      isFound = true
      guard try scanner.isArray("streams", in: bytes) else { continue }
      while rejection == nil, try scanner.nextElement(in: bytes) { try stream(bytes, &writer) }
    }
    guard rejection == nil else { return }
    try scanner.end(in: bytes)
    if !isFound {
      rejection = IngestRejection(
        .noItems, in: .body, at: bytes.count,
        "the member \"streams\" is missing: a push is {\"streams\":[{\"stream\":{…},\"values\":[…]}]}")
    }
  }

  private mutating func stream(_ bytes: Span<UInt8>, _ writer: inout DocumentBatchWriter) throws(JSONError) {
    documents.beginStream()
    var hasLabels = false
    // Where entries begin that stood before their labels.
    var early: [JSONScanner] = []
    try scanner.openObject(in: bytes)
    while rejection == nil, let key = try scanner.nextKey(in: bytes) {
      if key.equals("stream", in: bytes) {
        if hasLabels { throw .twice("stream", at: key) }
        hasLabels = true
        try labels(bytes)
      } else if key.equals("values", in: bytes) {
        if hasLabels {
          try values(bytes, &writer)
        } else {
          early.append(scanner)
          _ = try scanner.value(in: bytes)
        }
      } else {
        _ = try scanner.value(in: bytes)
      }
    }
    let end = scanner
    for start in early where rejection == nil {
      scanner = start
      try values(bytes, &writer)
    }
    scanner = end
  }

  private mutating func labels(_ bytes: Span<UInt8>) throws(JSONError) {
    guard try scanner.peekKind(in: bytes) != .null else {
      _ = try scanner.value(in: bytes)
      return
    }
    var name: [UInt8] = []
    try scanner.openObject(in: bytes)
    while let key = try scanner.nextKey(in: bytes) {
      guard let value = try text(of: key, "a label", in: bytes, &name) else { continue }
      documents.label(name.span, escaped: bytes.extracting(value))
    }
  }

  private mutating func values(_ bytes: Span<UInt8>, _ writer: inout DocumentBatchWriter) throws(JSONError) {
    guard try scanner.isArray("values", in: bytes) else { return }
    while rejection == nil, try scanner.nextElement(in: bytes) {
      place = documents.leftOut.place
      try entry(bytes, &writer)
      place = .body
    }
  }

  private mutating func entry(_ bytes: Span<UInt8>, _ writer: inout DocumentBatchWriter) throws(JSONError) {
    let offset = scanner.position
    try scanner.openArray(in: bytes)
    guard try scanner.nextElement(in: bytes) else { throw incomplete(at: offset) }
    let start = scanner.position
    guard let time = LokiTime(nanoseconds: try scanner.signed("a timestamp in nanoseconds", in: bytes)) else {
      throw .notA("a time of the years 1 to 9999", "a timestamp in nanoseconds", at: start)
    }
    guard try scanner.nextElement(in: bytes) else { throw incomplete(at: offset) }
    let line = try scanner.text("a line", in: bytes)
    documents.begin(time, &writer)
    documents.line(.escaped(line), in: bytes, &writer)
    if try scanner.nextElement(in: bytes) {
      try metadata(bytes, &writer)
      // Nothing is known to follow.
      while try scanner.nextElement(in: bytes) { _ = try scanner.value(in: bytes) }
    }
    do throws(IngestRejection) {
      try documents.finish(at: offset, &writer)
    } catch {
      rejection = error
    }
  }

  private mutating func metadata(_ bytes: Span<UInt8>, _ writer: inout DocumentBatchWriter) throws(JSONError) {
    guard try scanner.peekKind(in: bytes) != .null else {
      _ = try scanner.value(in: bytes)
      return
    }
    var name: [UInt8] = []
    try scanner.openObject(in: bytes)
    while let key = try scanner.nextKey(in: bytes) {
      guard let value = try text(of: key, "structured metadata", in: bytes, &name) else { continue }
      documents.metadata(name.span, .escaped(value), in: bytes, &writer)
    }
  }

  /// Decodes the key into `name`, and tells where the text of its value stands: a string's, or a number's or a truth value's JSON, since
  /// all values are text in Loki. nil for null, which is no value.
  private mutating func text(
    of key: JSONStringText, _ what: String, in bytes: Span<UInt8>, _ name: inout [UInt8]
  ) throws(JSONError) -> Range<Int>? {
    name.removeAll(keepingCapacity: true)
    key.appendDecoded(in: bytes, to: &name)
    let value = try scanner.value(in: bytes)
    switch value.kind {
    case .string: return (value.range.lowerBound + 1)..<(value.range.upperBound - 1)
    case .number, .boolean: return value.range
    case .null: return nil
    case .array, .object: throw .notA("text", what, value.kind, at: value.range.lowerBound)
    }
  }

  private func incomplete(at offset: Int) -> JSONError {
    JSONError(.unexpectedByte, at: offset, "an entry is [\"<nanoseconds>\",\"<line>\"] or has structured metadata too")
  }
}
