import BaritoCore

/// Reads Loki's `PushRequest` from the wire format, inflated.
///
/// ```
/// PushRequest { repeated Stream streams = 1; }
/// Stream      { string labels = 1; repeated Entry entries = 2; }
/// Entry       { google.protobuf.Timestamp timestamp = 1; string line = 2; repeated LabelPair structuredMetadata = 3; }
/// LabelPair   { string name = 1; string value = 2; }
/// Timestamp   { int64 seconds = 1; int32 nanos = 2; }
/// ```
struct LokiProtobufReader {
  private static let message = ProtobufField.WireType.lengthDelimited
  private var documents: LokiDocuments
  /// Why the request is refused, other than for its wire format.
  private var rejection: IngestRejection?

  static func read(_ body: Span<UInt8>, into writer: inout DocumentBatchWriter) throws(IngestRejection) -> LeftOut {
    var reader = LokiProtobufReader(documents: LokiDocuments(writer))
    do throws(ProtobufError) {
      try reader.each(1, of: 0..<body.count, in: body) { (reader, stream) throws(ProtobufError) in
        try reader.stream(stream, in: body, &writer)
      }
    } catch {
      throw IngestRejection(error, in: .body)
    }
    if let rejection = reader.rejection { throw rejection }
    return reader.documents.leftOut
  }

  private init(documents: LokiDocuments) { self.documents = documents }

  /// Reads the messages or texts of one field, until something is refused.
  private mutating func each(
    _ number: Int, of range: Range<Int>, in bytes: Span<UInt8>,
    _ read: (inout LokiProtobufReader, Range<Int>) throws(ProtobufError) -> Void
  ) throws(ProtobufError) {
    var reader = ProtobufReader(range)
    while rejection == nil, let field = try reader.nextField(in: bytes) {
      if field == ProtobufField(number, Self.message) {
        try read(&self, try reader.lengthDelimited(in: bytes))
      } else {
        try reader.skip(field, in: bytes)
      }
    }
  }

  private mutating func stream(
    _ range: Range<Int>, in bytes: Span<UInt8>, _ writer: inout DocumentBatchWriter
  ) throws(ProtobufError) {
    var labels: Range<Int>?
    try each(1, of: range, in: bytes) { (_, found) in labels = found }
    documents.beginStream()
    if let labels, !labels.isEmpty {
      do throws(IngestRejection) {
        try read(labels, in: bytes)
      } catch {
        rejection = error
      }
    }
    try each(2, of: range, in: bytes) { (reader, entry) throws(ProtobufError) in
      try reader.entry(entry, in: bytes, &writer)
    }
  }

  private mutating func read(_ labels: Range<Int>, in bytes: Span<UInt8>) throws(IngestRejection) {
    var reader = LokiLabels(labels)
    var value: [UInt8] = []
    while let name = try reader.next(in: bytes, value: &value) {
      documents.label(name.span, value.span)
      value.removeAll(keepingCapacity: true)
    }
  }

  private mutating func entry(
    _ range: Range<Int>, in bytes: Span<UInt8>, _ writer: inout DocumentBatchWriter
  ) throws(ProtobufError) {
    var timestamp: Range<Int>?
    var line = 0..<0
    var hasMetadata = false
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      switch (field.number, field.wireType) {
      case (1, Self.message): timestamp = try reader.lengthDelimited(in: bytes)
      case (2, Self.message): line = try reader.lengthDelimited(in: bytes)
      case (3, Self.message):
        hasMetadata = true
        try reader.skip(field, in: bytes)
      default: try reader.skip(field, in: bytes)
      }
    }
    var time: LokiTime?
    if let timestamp {
      time = try self.time(timestamp, in: bytes)
      guard time != nil else {
        let place = documents.leftOut.place
        rejection = IngestRejection(
          .malformed, in: place, at: timestamp.lowerBound,
          "\(place) has a timestamp outside of the years 1 to 9999")
        return
      }
    }
    documents.begin(time, &writer)
    documents.line(.plain(line), in: bytes, &writer)
    if hasMetadata {
      try each(3, of: range, in: bytes) { (reader, pair) throws(ProtobufError) in
        var (name, value) = (0..<0, 0..<0)
        try reader.each(1, of: pair, in: bytes) { (_, found) in name = found }
        try reader.each(2, of: pair, in: bytes) { (_, found) in value = found }
        reader.documents.metadata(bytes.extracting(name), .plain(value), in: bytes, &writer)
      }
    }
    do throws(IngestRejection) {
      try documents.finish(at: range.lowerBound, &writer)
    } catch {
      rejection = error
    }
  }

  private func time(_ range: Range<Int>, in bytes: Span<UInt8>) throws(ProtobufError) -> LokiTime? {
    var (seconds, nanoseconds): (Int64, Int64) = (0, 0)
    var reader = ProtobufReader(range)
    while let field = try reader.nextField(in: bytes) {
      switch (field.number, field.wireType) {
      case (1, .varint): seconds = Int64(bitPattern: try reader.varint(in: bytes))
      case (2, .varint): nanoseconds = Int64(Int32(truncatingIfNeeded: try reader.varint(in: bytes)))
      default: try reader.skip(field, in: bytes)
      }
    }
    return LokiTime(seconds: seconds, nanoseconds: nanoseconds)
  }
}
