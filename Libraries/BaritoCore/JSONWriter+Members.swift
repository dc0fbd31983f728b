extension JSONWriter {
  public mutating func member(_ name: String, _ text: String) {
    key(name)
    value(text)
  }

  public mutating func member(_ name: String, _ number: some BinaryInteger) {
    key(name)
    value(number)
  }

  /// Writes a number; null where it is infinite or none.
  public mutating func member(_ name: String, _ number: Double) {
    key(name)
    value(number)
  }

  public mutating func member(_ name: String, _ truth: Bool) {
    key(name)
    value(truth)
  }

  /// Writes a member whose value is JSON already.
  public mutating func member(_ name: String, json: Span<UInt8>) {
    key(name)
    value(json: json)
  }

  /// Writes a member whose value is an object; `body` writes its members.
  public mutating func object<E: Error>(_ name: String, _ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
    key(name)
    try object(body)
  }

  /// Writes a member whose value is an array; `body` writes its elements.
  public mutating func array<E: Error>(_ name: String, _ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
    key(name)
    try array(body)
  }
}
