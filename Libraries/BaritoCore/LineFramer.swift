/// Makes documents of lines: what a client sent as one JSON value becomes one JSON object on one line, with a
/// `@timestamp`.
///
/// An object is copied byte for byte, so that its numbers, the order of its keys and repeated keys survive. Only line
/// breaks between its tokens become spaces, and bytes that are not UTF-8 become U+FFFD. Where it has no `@timestamp`, one
/// is put in as its last member. Anything but an object becomes `{"message":"<its text>","@timestamp":"…"}`: a string's
/// text is what it says, any other value's is its JSON.
public struct LineFramer: Sendable {
  /// What was done with a line.
  public enum Outcome: String, Sendable, CaseIterable {
    /// An object with its own `@timestamp`.
    case kept
    /// An object that got a `@timestamp`.
    case stamped
    /// Something else, put into an object.
    case wrapped
  }

  /// A line that has become a document.
  public struct Framed: Sendable, Equatable {
    public var outcome: Outcome
    /// How many U+FFFD were put in place of bytes that are not UTF-8.
    public var repairs: Int
    /// Where the value of its own `@timestamp` stands among the bytes it was made of; the last where there are several.
    public var timestamp: JSONElement?
  }

  /// `"@timestamp":"…"}`, which ends a document.
  private let stamp: [UInt8]

  /// - Parameter receivedAt: the `@timestamp` of lines that have none.
  public init(receivedAt: Timestamp) {
    var stamp = Array(#""@timestamp":""#.utf8)
    receivedAt.append(to: &stamp)
    stamp.append(contentsOf: #""}"#.utf8)
    self.stamp = stamp
  }

  /// Checks the value at the scanner's position, moves behind it, and appends the document made of it, without a line's
  /// end. Where it throws, part of a document may have been appended.
  public func frame(
    _ bytes: Span<UInt8>, with scanner: inout JSONScanner, into output: inout [UInt8]
  ) throws(JSONError) -> Framed {
    let kind = try scanner.peekKind(in: bytes)
    scanner.resetFindings()
    guard kind == .object else {
      let element = try scanner.value(in: bytes)
      return Framed(outcome: .wrapped, repairs: wrap(element, of: bytes, into: &output))
    }

    let start = scanner.position
    var isEmpty = true
    var timestamp: JSONElement?
    try scanner.openObject(in: bytes)
    while let key = try scanner.nextKey(in: bytes) {
      isEmpty = false
      // The length tells most keys apart.
      let isTimestamp = (key.range.count == 10 || key.hasEscapes) && key.equals("@timestamp", in: bytes)
      let value = try scanner.value(in: bytes)
      if isTimestamp { timestamp = value }
    }
    let end = timestamp != nil ? scanner.position : scanner.position - 1
    let repairs = copy(bytes.extracting(start..<end), findings: scanner, into: &output)
    if timestamp != nil { return Framed(outcome: .kept, repairs: repairs, timestamp: timestamp) }
    if !isEmpty { output.append(UInt8(ascii: ",")) }
    output.append(contentsOf: stamp)
    return Framed(outcome: .stamped, repairs: repairs)
  }

  /// Appends bytes of an object that has been scanned, and returns how many U+FFFD that took.
  private func copy(_ bytes: Span<UInt8>, findings: JSONScanner, into output: inout [UInt8]) -> Int {
    let start = output.count
    var repairs = 0
    if findings.hasMalformedUTF8 {
      repairs = UTF8Repair.append(repairing: bytes, to: &output)
    } else {
      output.append(copying: bytes)
    }
    if findings.hasLineBreak {
      // Strings cannot hold them unescaped: wherever there is one, it is white space.
      for index in start..<output.count where output[index] == 0x0A || output[index] == 0x0D { output[index] = 0x20 }
    }
    return repairs
  }

  private func wrap(_ element: JSONElement, of bytes: Span<UInt8>, into output: inout [UInt8]) -> Int {
    output.append(contentsOf: #"{"message":"#.utf8)
    let repairs: Int
    if let text = JSONStringText(element, in: bytes) {
      var decoded: [UInt8] = []
      text.appendDecoded(in: bytes, to: &decoded)
      repairs = JSONWriter.append(string: decoded.span, to: &output)
    } else {
      repairs = JSONWriter.append(string: bytes.extracting(element.range), to: &output)
    }
    output.append(UInt8(ascii: ","))
    output.append(contentsOf: stamp)
    return repairs
  }
}
