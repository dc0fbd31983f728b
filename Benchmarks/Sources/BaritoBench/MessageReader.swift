/// Reads one HTTP/1.1 message after the other, without keeping bodies: only what a benchmark's two ends must know.
struct MessageReader {
  enum Progress: Equatable {
    case more
    /// The message has ended.
    case complete
  }

  /// How far the body is.
  private enum Body {
    case headUnread
    case counted(left: Int)
    /// In chunks: the line with the size of the next one, what is left of it, the line behind it, and behind all.
    case size([UInt8])
    case chunk(left: Int)
    case chunkEnd
    case trailer([UInt8])
    case complete
  }

  /// The request line or the status line; empty until the head has come.
  private(set) var startLine = ""
  /// Whether the sender wants to hear that its body is welcome before it sends it: libcurl does for a megabyte, and waits
  /// a second where it hears nothing.
  private(set) var expectsContinue = false
  private var head: [UInt8] = []
  private var body = Body.headUnread

  private static let longestLine = 1024

  /// Takes in what came. Nothing may follow a message before it is answered.
  /// - Parameter onBody: is given the part that belongs to the body.
  mutating func take(
    _ chunk: UnsafeRawBufferPointer, onBody: (UnsafeRawBufferPointer) -> Void = { _ in }
  ) throws -> Progress {
    var rest = chunk[...]
    if case .headUnread = body {
      while let byte = rest.popFirst() {
        head.append(byte)
        if byte == UInt8(ascii: "\n"), head.suffix(4).elementsEqual([13, 10, 13, 10]) { break }
      }
      guard head.suffix(4).elementsEqual([13, 10, 13, 10]) else {
        if head.count > 65536 { throw BenchError("the head of a message is over 64 KiB") }
        return .more
      }
      try readHead()
    }
    while !isComplete, !rest.isEmpty { try advance(&rest, onBody) }
    guard isComplete else { return .more }
    guard rest.isEmpty else { throw BenchError("\(rest.count) bytes came behind: \(startLine)") }
    return .complete
  }

  /// Begins with the next message.
  mutating func reset() {
    head.removeAll(keepingCapacity: true)
    body = .headUnread
    startLine = ""
    expectsContinue = false
  }

  private var isComplete: Bool {
    switch body {
    case .complete, .counted(left: 0): true
    default: false
    }
  }

  /// Goes one step on, with at least one byte that came.
  private mutating func advance(
    _ rest: inout Slice<UnsafeRawBufferPointer>, _ onBody: (UnsafeRawBufferPointer) -> Void
  ) throws {
    switch body {
    case .headUnread, .complete: return
    case .counted(let left):
      body = .counted(left: left - pass(min(left, rest.count), of: &rest, onBody))
    case .chunk(let left):
      let passed = pass(min(left, rest.count), of: &rest, onBody)
      body = passed == left ? .chunkEnd : .chunk(left: left - passed)
    case .chunkEnd:
      if rest.popFirst() == UInt8(ascii: "\n") { body = .size([]) }
    case .size(let begun):
      guard let line = try line(begun, &rest, otherwise: Body.size) else { return }
      let digits = line.prefix { $0 != UInt8(ascii: ";") }
      guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0 else {
        throw BenchError("a chunk without a size came: \(startLine)")
      }
      body = size == 0 ? .trailer([]) : .chunk(left: size)
    case .trailer(let begun):
      guard let line = try line(begun, &rest, otherwise: Body.trailer) else { return }
      body = line.isEmpty ? .complete : .trailer([])
    }
  }

  private func pass(
    _ count: Int, of rest: inout Slice<UnsafeRawBufferPointer>, _ onBody: (UnsafeRawBufferPointer) -> Void
  ) -> Int {
    onBody(UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
    rest = rest.dropFirst(count)
    return count
  }

  /// The line that has begun, without its end; nil while that has not come.
  private mutating func line(
    _ begun: [UInt8], _ rest: inout Slice<UnsafeRawBufferPointer>, otherwise: ([UInt8]) -> Body
  ) throws -> [UInt8]? {
    var line = begun
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\n") { return line.last == 13 ? Array(line.dropLast()) : line }
      line.append(byte)
    }
    guard line.count <= MessageReader.longestLine else { throw BenchError("a line is too long: \(startLine)") }
    body = otherwise(line)
    return nil
  }

  private mutating func readHead() throws {
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
    startLine = lines.first.map(String.init) ?? ""
    body = .counted(left: 0)
    for line in lines.dropFirst() {
      let (name, value) = (line.prefix { $0 != ":" }.lowercased(), line.drop { $0 != ":" }.dropFirst())
      if name == "content-length", let length = Int(value.drop { $0 == " " }) { body = .counted(left: length) }
      if name == "expect" { expectsContinue = value.drop { $0 == " " }.lowercased() == "100-continue" }
      if name == "transfer-encoding" { body = .size([]) }
    }
  }
}
