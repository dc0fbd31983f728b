import BaritoCore

/// Reads `ExportLogsServiceRequest` from OTLP's JSON, without a tree of objects.
///
/// Members may stand in any order. Where a resource or a scope stands behind the records that have it, they are looked at
/// twice. Members that are not known are checked and ignored, and `null` is the same as nothing, as protobuf's JSON has it.
struct OTLPJSONReader {
  private var scanner: JSONScanner
  private var documents: OTLPDocuments
  /// What is being read: where a syntax error belongs.
  private var place = IngestRejection.Place.body
  /// Why the request is refused, other than for its syntax.
  private var rejection: IngestRejection?

  static func read(
    _ body: Span<UInt8>, into writer: inout DocumentBatchWriter
  ) throws(IngestRejection) -> LeftOut {
    var reader = OTLPJSONReader(writer)
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
    documents = OTLPDocuments(.json, writer)
  }

  private mutating func request(_ bytes: Span<UInt8>, _ writer: inout DocumentBatchWriter) throws(JSONError) {
    try scanner.openObject(in: bytes)
    while let key = try scanner.nextKey(in: bytes) {
      guard key.equals("resourceLogs", in: bytes) else {
        _ = try scanner.value(in: bytes)
        continue
      }
      try array("resourceLogs", bytes, &writer) { (reader, writer) throws(JSONError) in
        try reader.resourceLogs(bytes, &writer)
      }
    }
    if rejection == nil { try scanner.end(in: bytes) }
  }

  private mutating func resourceLogs(
    _ bytes: Span<UInt8>, _ writer: inout DocumentBatchWriter
  ) throws(JSONError) {
    documents.forgetResource()
    try holder("resource", of: "scopeLogs", bytes, &writer) { (reader) throws(JSONError) in
      var scanner = reader.scanner
      try reader.documents.shareResource { (documents, output) throws(JSONError) in
        try documents.resource(&scanner, in: bytes, to: &output)
      }
      reader.scanner = scanner
    } read: { (reader, writer) throws(JSONError) in
      try reader.scopeLogs(bytes, &writer)
    }
  }

  private mutating func scopeLogs(_ bytes: Span<UInt8>, _ writer: inout DocumentBatchWriter) throws(JSONError) {
    documents.forgetScope()
    try holder("scope", of: "logRecords", bytes, &writer) { (reader) throws(JSONError) in
      var scanner = reader.scanner
      try reader.documents.shareScope { (documents, output) throws(JSONError) in
        try documents.scope(&scanner, in: bytes, to: &output)
      }
      reader.scanner = scanner
    } read: { (reader, writer) throws(JSONError) in
      try reader.logRecord(bytes, &writer)
    }
  }

  /// Reads an object that has something shared, and an array of those that share it.
  private mutating func holder(
    _ shared: String, of many: String, _ bytes: Span<UInt8>, _ writer: inout DocumentBatchWriter,
    share: (inout OTLPJSONReader) throws(JSONError) -> Void,
    read: (inout OTLPJSONReader, inout DocumentBatchWriter) throws(JSONError) -> Void
  ) throws(JSONError) {
    var isShared = false
    // Where arrays begin that stood before what they share.
    var early: [JSONScanner] = []
    try scanner.openObject(in: bytes)
    while rejection == nil, let key = try scanner.nextKey(in: bytes) {
      if key.equals(shared, in: bytes) {
        if isShared { throw .twice(shared, at: key) }
        guard try scanner.peekKind(in: bytes) != .null else {
          _ = try scanner.value(in: bytes)
          continue
        }
        isShared = true
        try share(&self)
      } else if key.equals(many, in: bytes) {
        if isShared {
          try array(many, bytes, &writer, read)
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
      try array(many, bytes, &writer, read)
    }
    scanner = end
  }

  /// Reads the array, or the null, that stands next.
  private mutating func array(
    _ name: String, _ bytes: Span<UInt8>, _ writer: inout DocumentBatchWriter,
    _ read: (inout OTLPJSONReader, inout DocumentBatchWriter) throws(JSONError) -> Void
  ) throws(JSONError) {
    guard try scanner.isArray(name, in: bytes) else { return }
    while rejection == nil, try scanner.nextElement(in: bytes) { try read(&self, &writer) }
  }

  private mutating func logRecord(_ bytes: Span<UInt8>, _ writer: inout DocumentBatchWriter) throws(JSONError) {
    place = documents.leftOut.place
    var record = OTLPRecord()
    var seen = OTLPRecordKey.Set()
    let start = documents.begin(&writer)
    try scanner.openObject(in: bytes)
    let offset = scanner.position - 1
    while let text = try scanner.nextKey(in: bytes) {
      guard let key = OTLPRecordKey(text, in: bytes) else {
        _ = try scanner.value(in: bytes)
        continue
      }
      guard seen.insert(key) else { throw .twice(key.rawValue, at: text) }
      guard try scanner.peekKind(in: bytes) != .null else {
        _ = try scanner.value(in: bytes)
        continue
      }
      switch key {
      case .body: try documents.body(&scanner, in: bytes, to: &writer.output)
      case .attributes: try documents.attributes(&scanner, in: bytes, to: &writer.output)
      case .timeUnixNano: record.time = try scanner.unsigned(key.rawValue, in: bytes)
      case .observedTimeUnixNano: record.observedTime = try scanner.unsigned(key.rawValue, in: bytes)
      case .severityNumber: record.severity = try scanner.signed(key.rawValue, in: bytes)
      case .severityText: record.severityText = try scanner.text(key.rawValue, in: bytes)
      case .droppedAttributesCount: record.droppedAttributes = try scanner.unsigned32(key.rawValue, in: bytes)
      case .flags: record.flags = try scanner.unsigned32(key.rawValue, in: bytes)
      case .traceId: record.traceID = try scanner.text(key.rawValue, in: bytes)
      case .spanId: record.spanID = try scanner.text(key.rawValue, in: bytes)
      case .eventName: record.eventName = try scanner.text(key.rawValue, in: bytes)
      }
    }
    do throws(IngestRejection) {
      try documents.finish(record, at: offset, from: start, in: bytes, &writer)
    } catch {
      rejection = error
    }
    place = .body
  }
}
