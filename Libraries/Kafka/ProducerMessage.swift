/// A header of a message: a name and any bytes.
public struct KafkaHeader: Sendable, Hashable {
  public var name: String
  public var value: [UInt8]

  public init(_ name: String, _ value: [UInt8]) {
    self.name = name
    self.value = value
  }

  /// A header whose value is text in UTF-8.
  public init(_ name: String, _ value: String) { self.init(name, Array(value.utf8)) }
}

/// One message of a `produce` whose bytes lie in the caller's buffer.
public struct ProducerMessage: Sendable {
  /// Where the value is in the buffer; nil is a tombstone.
  public var value: Range<Int>?
  /// Where the key is in the buffer; nil for no key. Messages with equal keys go to the same partition.
  public var key: Range<Int>?
  /// Of this message alone, after the headers common to the call.
  public var headers: [KafkaHeader]

  public init(value: Range<Int>?, key: Range<Int>? = nil, headers: [KafkaHeader] = []) {
    self.value = value
    self.key = key
    self.headers = headers
  }
}
