/// Writes JSON text piece by piece; commas take care of themselves.
///
/// ```swift
/// var json = JSONWriter()
/// json.object { json in
///   json.member("topic", "shop_logs")
///   json.array("partitions") { json in
///     json.value(1)
///     json.value(2)
///   }
/// }
/// ```
///
/// Text is written as it is, but for quotes, backslashes and control characters, which are escaped, and bytes that are
/// not UTF-8, which become U+FFFD and are counted. That keys and values alternate is up to the caller.
public struct JSONWriter: Sendable {
  /// What has been written.
  public private(set) var bytes: [UInt8]
  /// How many U+FFFD were put in place of bytes that are not UTF-8.
  public private(set) var repairs = 0
  private var needsComma = false

  /// - Parameter bytes: what to append to; commas start afresh behind it.
  public init(appendingTo bytes: [UInt8] = []) { self.bytes = bytes }

  /// What has been written, as text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  public mutating func beginObject() { begin(UInt8(ascii: "{")) }
  public mutating func endObject() { end(UInt8(ascii: "}")) }
  public mutating func beginArray() { begin(UInt8(ascii: "[")) }
  public mutating func endArray() { end(UInt8(ascii: "]")) }

  /// Writes an object whose members are what `body` writes.
  public mutating func object<E: Error>(_ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
    beginObject()
    try body(&self)
    endObject()
  }

  /// Writes an array whose elements are what `body` writes.
  public mutating func array<E: Error>(_ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
    beginArray()
    try body(&self)
    endArray()
  }

  /// Writes a member's key; its value must follow.
  public mutating func key(_ name: String) {
    value(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  public mutating func value(_ text: String) { value(utf8: text.utf8Span.span) }

  /// Writes a string whose text is `utf8`.
  public mutating func value(utf8: Span<UInt8>) {
    separate()
    repairs += Self.append(string: utf8, to: &bytes)
  }

  public mutating func value(_ number: some BinaryInteger) {
    separate()
    bytes.append(contentsOf: String(number).utf8)
  }

  /// Writes a number; null where it is infinite or none, which JSON cannot say.
  public mutating func value(_ number: Double) {
    separate()
    bytes.append(contentsOf: (number.isFinite ? number.description : "null").utf8)
  }

  public mutating func value(_ truth: Bool) {
    separate()
    bytes.append(contentsOf: (truth ? "true" : "false").utf8)
  }

  public mutating func null() {
    separate()
    bytes.append(contentsOf: "null".utf8)
  }

  /// Writes bytes that are JSON already.
  public mutating func value(json: Span<UInt8>) {
    separate()
    bytes.append(copying: json)
  }

  /// Ends a line, for NDJSON; what follows is a text of its own.
  public mutating func newLine() {
    bytes.append(0x0A)
    needsComma = false
  }

  private mutating func begin(_ byte: UInt8) {
    separate()
    bytes.append(byte)
    needsComma = false
  }

  private mutating func end(_ byte: UInt8) {
    bytes.append(byte)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }
}
