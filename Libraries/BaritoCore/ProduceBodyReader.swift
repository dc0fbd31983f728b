/// Reads one body from front to back, each value once.
struct ProduceBodyReader {
  private let framer: LineFramer
  private let limits: ProduceBody.Limits
  private var result: ProduceBody
  /// What is being read: where a syntax error belongs.
  private var place = ProduceRejection.Place.body
  /// Why reading stopped early, other than for its syntax.
  private var rejection: ProduceRejection?

  init(framer: LineFramer, limits: ProduceBody.Limits, capacity: Int) {
    self.framer = framer
    self.limits = limits
    result = ProduceBody(capacity: capacity)
  }

  mutating func read(_ body: Span<UInt8>, as format: ProduceBody.Format) throws(ProduceRejection) -> ProduceBody {
    do throws(JSONError) {
      switch format {
      case .single: try readSingle(body)
      case .items: try readItems(body)
      case .ndjson: try readLines(body)
      }
    } catch {
      throw ProduceRejection(
        .malformed, in: place, at: error.offset,
        "\(place) is not valid JSON at byte \(error.offset) of the body: \(error.reason)")
    }
    if let rejection { throw rejection }
    return result
  }

  private mutating func readSingle(_ body: Span<UInt8>) throws(JSONError) {
    var scanner = JSONScanner(maximumDepth: limits.depth)
    if try append(body, with: &scanner, base: 0) { try scanner.end(in: body) }
  }

  private mutating func readItems(_ body: Span<UInt8>) throws(JSONError) {
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
        place = .item(result.documents.count)
        guard try append(body, with: &scanner, base: 0) else { return }
      }
      place = .body
    }
    try scanner.end(in: body)
    if !isFound { refuse(noItems: "the member \"items\" is missing", at: body.count) }
  }

  private mutating func readLines(_ body: Span<UInt8>) throws(JSONError) {
    var lines = LineSplitter(maximumLineBytes: limits.documentBytes)
    while let line = lines.next(in: body) {
      place = .line(line.number)
      if line.isTooLong { return refuse(line.range.count, at: line.range.lowerBound) }
      let text = body.extracting(line.range)
      var scanner = JSONScanner(maximumDepth: limits.depth)
      do throws(JSONError) {
        guard try append(text, with: &scanner, base: line.range.lowerBound) else { return }
        try scanner.end(in: text)
      } catch {
        throw JSONError(error.code, at: error.offset + line.range.lowerBound, error.reason)
      }
    }
  }

  /// Frames the value at the scanner's position; false where that goes beyond a limit.
  ///
  /// - Parameter base: where `bytes` start in the body.
  private mutating func append(
    _ bytes: Span<UInt8>, with scanner: inout JSONScanner, base: Int
  ) throws(JSONError) -> Bool {
    let start = result.bytes.count
    let offset = base + scanner.position
    guard result.documents.count < limits.items else {
      rejection = ProduceRejection(
        .tooManyItems, in: place, at: offset,
        "\(place) is one more than the limit of \(limits.items) items in a request: send smaller batches")
      return false
    }
    let framed = try framer.frame(bytes, with: &scanner, into: &result.bytes)
    let size = result.bytes.count - start
    guard size <= limits.documentBytes else {
      refuse(size, at: offset)
      return false
    }
    result.documents.append(start..<result.bytes.count)
    result.repairs += framed.repairs
    if framed.outcome != .kept { result.stamped += 1 }
    if framed.outcome == .wrapped { result.wrapped += 1 }
    return true
  }

  private mutating func refuse(_ size: Int, at offset: Int) {
    rejection = ProduceRejection(
      .lineTooLarge, in: place, at: offset,
      "\(place) makes a document of \(size) bytes; the limit is \(limits.documentBytes): shorten it or split it")
  }

  private mutating func refuse(noItems reason: String, at offset: Int) {
    rejection = ProduceRejection(
      .noItems, in: .body, at: offset, "\(reason): a batch is an object with an array: {\"items\":[…]}")
  }
}
