/// Records of many partitions in one allocation of bytes.
///
/// A record holds ranges into the arena; `value(_:)` and `key(_:)` lend them without a copy.
public struct RecordBatch: Sendable {
  public struct Record: Sendable, Hashable {
    /// What the timestamp means.
    public enum TimestampKind: UInt8, Sendable { case none, created, appended }

    /// Index into `topics` of the batch.
    public internal(set) var topic: Int
    public internal(set) var partition: Int32
    public internal(set) var offset: Int64
    /// Milliseconds since 1970; -1 if there is none.
    public internal(set) var timestamp: Int64
    public internal(set) var timestampKind: TimestampKind
    /// The record has no value at all, which is not the same as an empty one.
    public internal(set) var isTombstone: Bool
    public internal(set) var hasKey: Bool
    /// Ranges into `bytes` of the batch. The headers are in a form of our own: use `header(_:of:)`.
    public internal(set) var value: Range<Int>
    public internal(set) var key: Range<Int>
    var headers: Range<Int>

    public var hasHeaders: Bool { !headers.isEmpty }
  }

  /// Keys, values and headers of all records.
  public internal(set) var bytes: [UInt8] = []
  /// In the order of each partition; partitions may alternate.
  public internal(set) var records: [Record] = []
  /// Names of the topics that occur.
  public internal(set) var topics: [String] = []
  /// For each partition that occurs, the offset after its last record: what to store once all are done.
  public internal(set) var nextOffsets: [TopicPartition: Int64] = [:]
  /// Bytes of keys, values and headers of each partition that occurs.
  public internal(set) var partitionBytes: [TopicPartition: Int] = [:]

  public init() {}

  public var isEmpty: Bool { records.isEmpty }
  public var count: Int { records.count }
  /// Bytes of keys, values and headers.
  public var byteCount: Int { bytes.count }

  /// The value of a record of this batch; empty for a tombstone.
  @_lifetime(borrow self)
  public func value(_ record: Record) -> Span<UInt8> { bytes.span.extracting(record.value) }

  /// The key of a record of this batch; empty if it has none.
  @_lifetime(borrow self)
  public func key(_ record: Record) -> Span<UInt8> { bytes.span.extracting(record.key) }

  /// The topic of a record of this batch.
  public func topic(of record: Record) -> String { topics[record.topic] }

  public func topicPartition(of record: Record) -> TopicPartition {
    TopicPartition(topics[record.topic], record.partition)
  }

  /// Where the value of the first header of this name lies in `bytes`; nil if the record has no such header.
  public func headerRange(_ name: String, of record: Record) -> Range<Int>? {
    if record.headers.isEmpty { return nil }
    var name = name
    return name.withUTF8 { wanted in
      var found: Range<Int>?
      scanHeaders(of: record) { name, value in
        guard bytes[name].elementsEqual(wanted) else { return true }
        found = value
        return false
      }
      return found
    }
  }

  /// The value of the first header of this name.
  public func header(_ name: String, of record: Record) -> [UInt8]? {
    headerRange(name, of: record).map { Array(bytes[$0]) }
  }

  /// All headers of a record, in order.
  public func headers(of record: Record) -> [KafkaHeader] {
    var all: [KafkaHeader] = []
    scanHeaders(of: record) { name, value in
      all.append(KafkaHeader(String(decoding: bytes[name], as: UTF8.self), Array(bytes[value])))
      return true
    }
    return all
  }

  /// A header lies in the arena as the two lengths, each in eight bytes, then the name, then the value.
  private func scanHeaders(of record: Record, _ body: (_ name: Range<Int>, _ value: Range<Int>) -> Bool) {
    var at = record.headers.lowerBound
    while at < record.headers.upperBound {
      let name = at + 16..<at + 16 + length(at)
      let value = name.upperBound..<name.upperBound + length(at + 8)
      guard body(name, value) else { return }
      at = value.upperBound
    }
  }

  private func length(_ at: Int) -> Int { bytes[at..<at + 8].reduce(0) { $0 << 8 | Int($1) } }

  mutating func appendLength(_ length: Int) {
    for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
  }
}
