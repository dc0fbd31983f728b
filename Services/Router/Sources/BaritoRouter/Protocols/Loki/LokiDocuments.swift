import BaritoCore

/// Writes Loki's entries as documents, one after another, whatever encoding they come in.
///
/// A document is `{"@timestamp":…,"message":…` and the stream's labels, and then the entry's structured metadata. A name
/// that is taken gets `_extracted` appended, as Loki's own queries have it; where that is taken too it is left out.
struct LokiDocuments {
  let limits: DocumentBatch.Limits
  private let receivedAt: Timestamp

  private(set) var leftOut = LeftOut()

  /// `,"name":"value"` for each label of the stream.
  private var labels: [UInt8] = []
  /// Where their names stand, with quotes.
  private var names: [Range<Int>] = []
  private var labelRepairs = 0
  /// Whether the labels are larger than a document may be.
  private var areLabelsFull = false

  private var keys = JSONKeySet()
  private var object: JSONKeySet.Object
  /// Whether ``keys`` has what the entry has so far.
  private var areKeysReady = false

  private var start = 0
  private var repairs = 0
  private var isStamped = false
  /// Whether the entry is larger than a document may be; nothing more is written then.
  private var isFull = false

  /// A value, as it came.
  enum Text {
    /// Any bytes.
    case plain(Range<Int>)
    /// The inside of a JSON string.
    case escaped(Range<Int>)
  }

  init(_ writer: borrowing DocumentBatchWriter) {
    limits = writer.limits
    receivedAt = writer.receivedAt
    object = keys.object()
  }

  // MARK: - A stream

  /// The stream whose entries follow; it has no labels yet.
  mutating func beginStream() {
    labels.removeAll(keepingCapacity: true)
    names.removeAll(keepingCapacity: true)
    labelRepairs = 0
    areLabelsFull = false
    resetKeys()
  }

  mutating func label(_ name: Span<UInt8>, _ value: Span<UInt8>) {
    guard beginLabel(name, value.count) else { return }
    labelRepairs += JSONWriter.append(string: value, to: &labels)
  }

  /// - Parameters:
  ///   - name: decoded.
  ///   - value: the inside of a JSON string.
  mutating func label(_ name: Span<UInt8>, escaped value: Span<UInt8>) {
    guard beginLabel(name, value.count) else { return }
    labels.append(UInt8(ascii: "\""))
    labelRepairs += UTF8Repair.append(repairing: value, to: &labels)
    labels.append(UInt8(ascii: "\""))
  }

  private mutating func beginLabel(_ name: Span<UInt8>, _ valueCount: Int) -> Bool {
    if labels.count + name.count + valueCount > limits.documentBytes { areLabelsFull = true }
    guard !areLabelsFull else { return false }
    let start = labels.count
    labels.append(UInt8(ascii: ","))
    guard let repairs = Self.append(name, to: &labels, &keys, of: object) else { return false }
    labelRepairs += repairs
    names.append((start + 1)..<labels.count)
    labels.append(UInt8(ascii: ":"))
    return true
  }

  // MARK: - An entry

  /// Begins the document of an entry. nil for an entry without a time.
  mutating func begin(_ time: LokiTime?, _ writer: inout DocumentBatchWriter) {
    start = writer.open
    repairs = labelRepairs
    isStamped = time == nil
    isFull = areLabelsFull
    areKeysReady = false
    writer.output.append(contentsOf: #"{"@timestamp":""#.utf8)
    (time ?? LokiTime(receivedAt)).append(to: &writer.output)
    writer.output.append(contentsOf: #"","message":"#.utf8)
  }

  /// Appends the line, which comes first.
  mutating func line(_ text: Text, in bytes: Span<UInt8>, _ writer: inout DocumentBatchWriter) {
    append(text, in: bytes, to: &writer.output)
    if hasRoom(for: labels.count, in: writer.output) { writer.output.append(copying: labels.span) }
  }

  /// Appends a member of the structured metadata.
  ///
  /// - Parameter name: decoded.
  mutating func metadata(
    _ name: Span<UInt8>, _ value: Text, in bytes: Span<UInt8>, _ writer: inout DocumentBatchWriter
  ) {
    guard hasRoom(for: name.count, in: writer.output) else { return }
    if !areKeysReady {
      resetKeys()
      let labels = labels
      for name in names { _ = keys.insert(labels.span.extracting(name), in: object) }
      areKeysReady = true
    }
    writer.output.append(UInt8(ascii: ","))
    guard let replaced = Self.append(name, to: &writer.output, &keys, of: object) else { return }
    repairs += replaced
    writer.output.append(UInt8(ascii: ":"))
    append(value, in: bytes, to: &writer.output)
  }

  /// Ends the document.
  ///
  /// - Parameter offset: where the entry stands in the body.
  /// - Throws: where the batch is full, which refuses the request.
  mutating func finish(at offset: Int, _ writer: inout DocumentBatchWriter) throws(IngestRejection) {
    guard !isFull else { return try leftOut.tooLarge(from: start, at: offset, &writer) }
    writer.output.append(UInt8(ascii: "}"))
    try leftOut.close(start, at: offset, isStamped: isStamped, repairs: repairs, &writer)
  }

  // MARK: - Pieces

  private mutating func hasRoom(for count: Int, in output: [UInt8]) -> Bool {
    if output.count - start + count > limits.documentBytes { isFull = true }
    return !isFull
  }

  private mutating func append(_ text: Text, in bytes: Span<UInt8>, to output: inout [UInt8]) {
    switch text {
    case .plain(let range):
      guard hasRoom(for: range.count, in: output) else { return }
      repairs += JSONWriter.append(string: bytes.extracting(range), to: &output)
    case .escaped(let range):
      guard hasRoom(for: range.count, in: output) else { return }
      output.append(UInt8(ascii: "\""))
      repairs += UTF8Repair.append(repairing: bytes.extracting(range), to: &output)
      output.append(UInt8(ascii: "\""))
    }
  }

  private mutating func resetKeys() {
    keys.removeAll()
    object = keys.object()
    for name in [#""@timestamp""#, #""message""#] { _ = keys.insert(name.utf8Span.span, in: object) }
  }

  /// Appends a name that the document does not have yet. Where it has, the comma before it is taken back.
  ///
  /// - Returns: how many U+FFFD it has; nil where nothing was appended.
  private static func append(
    _ name: Span<UInt8>, to output: inout [UInt8], _ keys: inout JSONKeySet, of object: JSONKeySet.Object
  ) -> Int? {
    let start = output.count
    let repairs = JSONWriter.append(string: name, to: &output)
    if keys.insert(output.span.extracting(start..<output.count), in: object) { return repairs }
    output.removeLast()
    output.append(contentsOf: #"_extracted""#.utf8)
    if keys.insert(output.span.extracting(start..<output.count), in: object) { return repairs }
    output.removeSubrange((start - 1)...)
    return nil
  }
}
