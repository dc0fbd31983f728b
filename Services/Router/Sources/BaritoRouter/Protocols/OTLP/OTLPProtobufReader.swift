import BaritoCore

/// Reads `ExportLogsServiceRequest` from the wire format, without a tree of objects.
///
/// ```
/// ExportLogsServiceRequest { repeated ResourceLogs resource_logs = 1; }
/// ResourceLogs             { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
/// ScopeLogs                { InstrumentationScope scope = 1; repeated LogRecord log_records = 2; }
/// ```
///
/// A message that should occur once and occurs again counts as it stands last.
struct OTLPProtobufReader {
  private static let message = ProtobufField.WireType.lengthDelimited

  static func read(
    _ body: Span<UInt8>, into writer: inout DocumentBatchWriter
  ) throws(IngestRejection) -> LeftOut {
    var documents = OTLPDocuments(.protobuf, writer)
    var rejection: IngestRejection?
    do throws(ProtobufError) {
      var reader = ProtobufReader(body)
      while rejection == nil, let field = try reader.nextField(in: body) {
        guard field == ProtobufField(1, message) else {
          try reader.skip(field, in: body)
          continue
        }
        rejection = try resourceLogs(try reader.lengthDelimited(in: body), in: body, &documents, &writer)
      }
    } catch {
      throw IngestRejection(error, in: .body)
    }
    if let rejection { throw rejection }
    return documents.leftOut
  }

  /// - Returns: why the whole request is refused, if it is.
  private static func resourceLogs(
    _ range: Range<Int>, in bytes: Span<UInt8>, _ documents: inout OTLPDocuments, _ writer: inout DocumentBatchWriter
  ) throws(ProtobufError) -> IngestRejection? {
    documents.forgetResource()
    if let resource = try last(1, of: range, in: bytes) {
      try documents.shareResource { (documents: inout OTLPDocuments, output: inout [UInt8]) throws(ProtobufError) in
        try documents.attributes(1, of: resource, in: bytes, to: &output)
        try documents.droppedAttributes(2, of: resource, in: bytes, to: &output)
      }
    }
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      guard field == ProtobufField(2, message) else {
        try reader.skip(field, in: bytes)
        continue
      }
      if let rejection = try scopeLogs(try reader.lengthDelimited(in: bytes), in: bytes, &documents, &writer) {
        return rejection
      }
    }
    return nil
  }

  private static func scopeLogs(
    _ range: Range<Int>, in bytes: Span<UInt8>, _ documents: inout OTLPDocuments, _ writer: inout DocumentBatchWriter
  ) throws(ProtobufError) -> IngestRejection? {
    documents.forgetScope()
    if let scope = try last(1, of: range, in: bytes) {
      let name = try last(1, of: scope, in: bytes) ?? 0..<0
      let version = try last(2, of: scope, in: bytes) ?? 0..<0
      try documents.shareScope { (documents: inout OTLPDocuments, output: inout [UInt8]) throws(ProtobufError) in
        try documents.attributes(3, of: scope, in: bytes, to: &output)
        documents.append(member: "\"name\":", ifAny: name, in: bytes, to: &output)
        documents.append(member: "\"version\":", ifAny: version, in: bytes, to: &output)
        try documents.droppedAttributes(4, of: scope, in: bytes, to: &output)
      }
    }
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      guard field == ProtobufField(2, message) else {
        try reader.skip(field, in: bytes)
        continue
      }
      let record = try reader.lengthDelimited(in: bytes)
      if let rejection = try logRecord(record, in: bytes, &documents, &writer) { return rejection }
    }
    return nil
  }

  /// Where the last message or text of a field stands; nil for none.
  private static func last(
    _ number: Int, of range: Range<Int>, in bytes: Span<UInt8>
  ) throws(ProtobufError) -> Range<Int>? {
    var found: Range<Int>?
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      if field == ProtobufField(number, message) {
        found = try reader.lengthDelimited(in: bytes)
      } else {
        try reader.skip(field, in: bytes)
      }
    }
    return found
  }

  private static func logRecord(
    _ range: Range<Int>, in bytes: Span<UInt8>, _ documents: inout OTLPDocuments, _ writer: inout DocumentBatchWriter
  ) throws(ProtobufError) -> IngestRejection? {
    var record = OTLPRecord()
    var body: Range<Int>?
    var hasAttributes = false
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      switch (field.number, field.wireType) {
      case (1, .fixed64): record.time = try reader.fixed64(in: bytes)
      case (2, .varint): record.severity = Int64(Int32(truncatingIfNeeded: try reader.varint(in: bytes)))
      case (3, message): record.severityText = try reader.lengthDelimited(in: bytes)
      case (5, message): body = try reader.lengthDelimited(in: bytes)
      case (6, message):
        hasAttributes = true
        try reader.skip(field, in: bytes)
      case (7, .varint): record.droppedAttributes = UInt32(truncatingIfNeeded: try reader.varint(in: bytes))
      case (8, .fixed32): record.flags = try reader.fixed32(in: bytes)
      case (9, message): record.traceID = try reader.lengthDelimited(in: bytes)
      case (10, message): record.spanID = try reader.lengthDelimited(in: bytes)
      case (11, .fixed64): record.observedTime = try reader.fixed64(in: bytes)
      case (12, message): record.eventName = try reader.lengthDelimited(in: bytes)
      default: try reader.skip(field, in: bytes)
      }
    }
    let start = documents.begin(&writer)
    if let body { try documents.body(body, in: bytes, to: &writer.output) }
    if hasAttributes { try documents.attributes(6, of: range, in: bytes, to: &writer.output) }
    do throws(IngestRejection) {
      try documents.finish(record, at: range.lowerBound, from: start, in: bytes, &writer)
    } catch {
      return error
    }
    return nil
  }
}
