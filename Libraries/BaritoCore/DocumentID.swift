/// The id of a document in Elasticsearch: a function of the Kafka record alone, so that indexing a record twice makes
/// one document. A sender may give the id; else it is made of numbers.
///
/// Numbers are written in base 32 with the digits `0-9a-v`, with leading zeros to a fixed width, so that ids sort as
/// their numbers do:
///
/// | document of | id | length |
/// |---|---|---|
/// | a record | time (10), partition (7), offset (13) | 30 |
/// | one of the lines that a record holds | the record's `-` place (7) | 38 |
/// | an item of a named batch | batch id `-` time (10) `-` item (7) | 21 to 148 |
/// | a record that carries its sender's id | as sent: UTF-8, kept byte for byte | 1 to 512 |
///
/// The time is milliseconds since 1970, of which the lowest 50 bits are kept: until the year 37658 that is all of it. It
/// guards against a topic that was deleted and made again, and comes first because Lucene passes over a segment whose
/// greatest id is less than the one looked up, which is nearly every segment if ids grow with time.
/// A record's id has no hyphen, a line's of many in one has one and a batch item's has two at least, so that they never meet; time and item have fixed
/// widths, so that a hyphen in the batch id cannot make two ids one.
public struct DocumentID: Sendable, Hashable, CustomStringConvertible {
  private enum Source: Sendable, Hashable {
    case record(partition: Int32, offset: Int64)
    case part(Int32, partition: Int32, offset: Int64)
    case item(Int32, of: BatchID)
    case sender([UInt8])
  }

  /// The longest id that Elasticsearch takes, in bytes.
  public static let maximumLength = 512

  private let source: Source
  private let time: Int64

  /// The id of the document made from a record.
  ///
  /// - Parameter timestamp: the record's, in milliseconds since 1970.
  public init(partition: Int32, offset: Int64, timestamp: Int64) {
    source = .record(partition: partition, offset: offset)
    time = timestamp
  }

  /// The id of one of the documents made from a record that holds many.
  ///
  /// - Parameters:
  ///   - part: its place among them.
  ///   - timestamp: the record's, in milliseconds since 1970.
  public init(partition: Int32, offset: Int64, timestamp: Int64, part: Int32) {
    source = .part(part, partition: partition, offset: offset)
    time = timestamp
  }

  /// The id of the document made from an item of a batch that its sender named.
  ///
  /// - Parameters:
  ///   - time: the batch's, in milliseconds since 1970.
  ///   - item: its place in the batch.
  public init(batch: BatchID, time: Int64, item: Int32) {
    source = .item(item, of: batch)
    self.time = time
  }

  /// The id that a sender gave; nil where Elasticsearch would not take it: empty, too long, or not UTF-8.
  public init?(sender id: [UInt8]) {
    guard !id.isEmpty, id.count <= DocumentID.maximumLength, String(validating: id, as: UTF8.self) != nil else {
      return nil
    }
    source = .sender(id)
    time = 0
  }

  /// The id as text.
  public var description: String {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends the id. A sender's may hold what JSON has to escape.
  public func append(to output: inout [UInt8]) {
    switch source {
    case .sender(let id):
      output.append(contentsOf: id)
    case .record(let partition, let offset):
      append(record: offset, of: partition, to: &output)
    case .part(let part, let partition, let offset):
      append(record: offset, of: partition, to: &output)
      output.append(UInt8(ascii: "-"))
      Self.append(UInt64(UInt32(bitPattern: part)), digits: 7, to: &output)
    case .item(let item, let batch):
      output.append(contentsOf: batch.bytes)
      output.append(UInt8(ascii: "-"))
      Self.append(UInt64(bitPattern: time), digits: 10, to: &output)
      output.append(UInt8(ascii: "-"))
      Self.append(UInt64(UInt32(bitPattern: item)), digits: 7, to: &output)
    }
  }

  /// Appends the id as a JSON string, with its quotes.
  public func append(jsonTo output: inout [UInt8]) {
    guard case .sender(let id) = source else {
      output.append(UInt8(ascii: "\""))
      append(to: &output)
      output.append(UInt8(ascii: "\""))
      return
    }
    JSONWriter.append(string: id.span, to: &output)
  }

  private func append(record offset: Int64, of partition: Int32, to output: inout [UInt8]) {
    output.append(addingCapacity: 30) { output in
      Self.append(UInt64(bitPattern: time), digits: 10, to: &output)
      Self.append(UInt64(UInt32(bitPattern: partition)), digits: 7, to: &output)
      Self.append(UInt64(bitPattern: offset), digits: 13, to: &output)
    }
  }

  private static func append(_ number: UInt64, digits: Int, to output: inout [UInt8]) {
    output.append(addingCapacity: digits) { append(number, digits: digits, to: &$0) }
  }

  /// Appends the lowest `5 * digits` bits of `number`, highest first.
  @inline(__always)
  private static func append(_ number: UInt64, digits: Int, to output: inout OutputSpan<UInt8>) {
    for place in 1...digits {
      let digit = UInt8(truncatingIfNeeded: number &>> UInt64(5 &* (digits &- place))) & 31
      output.append(digit &+ (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") &- 10))
    }
  }
}
