import BaritoCore

/// Writes log records as documents, one after another, whatever encoding they come in.
///
/// A document is written from front to back: body, attributes, then what the record says in single values, then what it
/// shares with others, its resource and scope. What goes beyond a limit is noticed before it is written: memory is bounded
/// by the limits, not by what a sender claims.
struct OTLPDocuments {
  /// Why a record becomes no document.
  enum Fault {
    case tooLarge
    case tooDeep
  }

  /// How deep values may be inside each other, the attributes being the first.
  static let maximumDepth = 32

  let encoding: OTLPEncoding
  let limits: DocumentBatch.Limits
  private let receivedAt: Timestamp

  private(set) var leftOut = LeftOut()
  /// What is wrong with what is being written; nothing more is written then.
  private(set) var fault: Fault?

  /// `,"resource":{…}` and `,"scope":{…}`, or nothing.
  private var resource = Shared()
  private var scope = Shared()
  var keys = JSONKeySet()
  var repairs = 0
  /// Where a document has as many bytes as it may.
  private var end = 0

  private struct Shared {
    var bytes: [UInt8] = []
    var repairs = 0
    var fault: Fault?
  }

  init(_ encoding: OTLPEncoding, _ writer: borrowing DocumentBatchWriter) {
    self.encoding = encoding
    limits = writer.limits
    receivedAt = writer.receivedAt
  }

  // MARK: - What records share

  /// The resource of the records to come; nothing until `shareResource` says otherwise.
  mutating func forgetResource() { resource = Shared() }
  mutating func forgetScope() { scope = Shared() }

  /// Sets the resource of the records to come; `body` writes its members, each with a comma behind it.
  mutating func shareResource<E: Error>(
    _ body: (inout OTLPDocuments, inout [UInt8]) throws(E) -> Void
  ) throws(E) { resource = try shared(",\"resource\":{", body) }

  /// Sets the scope of the records to come, in the same way.
  mutating func shareScope<E: Error>(
    _ body: (inout OTLPDocuments, inout [UInt8]) throws(E) -> Void
  ) throws(E) { scope = try shared(",\"scope\":{", body) }

  private mutating func shared<E: Error>(
    _ opening: String, _ body: (inout OTLPDocuments, inout [UInt8]) throws(E) -> Void
  ) throws(E) -> Shared {
    var output: [UInt8] = []
    begin(at: 0)
    output.append(contentsOf: opening.utf8)
    let start = output.count
    try body(&self, &output)
    guard output.count > start else { return Shared(fault: fault) }
    close(&output)
    return Shared(bytes: output, repairs: repairs, fault: fault)
  }

  // MARK: - One record

  /// The next record's document begins where the writer stands.
  mutating func begin(_ writer: inout DocumentBatchWriter) -> Int {
    let start = writer.open
    begin(at: start)
    writer.output.append(UInt8(ascii: "{"))
    return start
  }

  private mutating func begin(at start: Int) {
    fault = nil
    repairs = 0
    end = start + limits.documentBytes
    keys.removeAll()
  }

  /// Ends the document of a record whose body and attributes are written, each with a comma behind it.
  ///
  /// - Parameter offset: where the record stands in the body.
  /// - Throws: where the batch is full, which refuses the request.
  mutating func finish(
    _ record: OTLPRecord, at offset: Int, from start: Int, in bytes: Span<UInt8>,
    _ writer: inout DocumentBatchWriter
  ) throws(IngestRejection) {
    let isStamped = record.time == 0 && record.observedTime == 0
    if fault == nil { append(record, in: bytes, to: &writer.output) }
    if !hasRoom(for: resource.bytes.count + scope.bytes.count, in: writer.output) || resource.fault != nil
      || scope.fault != nil
    {
      switch fault ?? resource.fault ?? scope.fault {
      case .tooDeep: try leftOut.tooDeep(Self.maximumDepth, from: start, at: offset, &writer)
      case .tooLarge, nil: try leftOut.tooLarge(from: start, at: offset, &writer)
      }
      return
    }
    writer.output.append(copying: resource.bytes.span)
    writer.output.append(copying: scope.bytes.span)
    writer.output.append(UInt8(ascii: "}"))
    try leftOut.close(
      start, at: offset, isStamped: isStamped, repairs: repairs + resource.repairs + scope.repairs, &writer)
  }

  private mutating func append(_ record: OTLPRecord, in bytes: Span<UInt8>, to output: inout [UInt8]) {
    append(key: "\"@timestamp\":", time: record.time != 0 ? record.time : record.observedTime, to: &output)
    if record.time != 0, record.observedTime != 0 {
      append(key: ",\"observed_timestamp\":", time: record.observedTime, to: &output)
    }
    if let level = level(of: record, in: bytes) {
      output.append(contentsOf: ",\"level\":\"".utf8)
      output.append(contentsOf: level.name.utf8)
      output.append(UInt8(ascii: "\""))
    }
    append(key: ",\"severity_text\":", ifAny: record.severityText, in: bytes, to: &output)
    append(key: ",\"severity_number\":", unlessZero: record.severity, to: &output)
    append(key: ",\"event_name\":", ifAny: record.eventName, in: bytes, to: &output)
    append(key: ",\"trace_id\":", id: record.traceID, in: bytes, to: &output)
    append(key: ",\"span_id\":", id: record.spanID, in: bytes, to: &output)
    append(key: ",\"flags\":", unlessZero: Int64(record.flags), to: &output)
    append(key: ",\"dropped_attributes_count\":", unlessZero: Int64(record.droppedAttributes), to: &output)
  }

  private func level(of record: OTLPRecord, in bytes: Span<UInt8>) -> LogLevel? {
    if let level = LogLevel(otlpSeverity: record.severity) { return level }
    let text = record.severityText
    guard !text.isEmpty, text.count <= 16 else { return nil }
    var copy: [UInt8] = []
    copy.append(copying: bytes.extracting(text))
    return LogLevel(String(decoding: copy, as: UTF8.self))
  }

  private func append(key: String, time: UInt64, to output: inout [UInt8]) {
    output.append(contentsOf: key.utf8)
    output.append(UInt8(ascii: "\""))
    let (milliseconds, rest) = time.quotientAndRemainder(dividingBy: 1_000_000)
    // All of 64 bits of nanoseconds is before the year 2555.
    if time != 0, let moment = Timestamp(milliseconds: Int64(milliseconds)) {
      moment.append(plus: Int(rest), to: &output)
    } else {
      receivedAt.append(to: &output)
    }
    output.append(UInt8(ascii: "\""))
  }

  private func append(key: String, unlessZero number: Int64, to output: inout [UInt8]) {
    guard number != 0 else { return }
    output.append(contentsOf: key.utf8)
    JSONWriter.append(integer: number, to: &output)
  }

  private mutating func append(
    key: String, ifAny text: Range<Int>, in bytes: Span<UInt8>, to output: inout [UInt8]
  ) {
    guard !text.isEmpty else { return }
    output.append(contentsOf: key.utf8)
    append(text: text, in: bytes, to: &output)
  }

  /// Notes a fault; the first one counts.
  mutating func note(_ fault: Fault) { if self.fault == nil { self.fault = fault } }

  /// Whether a text of so many bytes may be written; notes where it may not.
  mutating func hasRoom(for count: Int, in output: [UInt8]) -> Bool {
    if output.count + count > end { note(.tooLarge) }
    return fault == nil
  }

  /// Ends an object whose members have a comma behind each of them.
  func close(_ output: inout [UInt8]) {
    if output.last == UInt8(ascii: ",") { output.removeLast() }
    output.append(UInt8(ascii: "}"))
  }
}
