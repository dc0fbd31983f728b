/// Reads one HTTP/1.1 message after the other, without keeping bodies: only what a benchmark's two ends must know.
struct MessageReader {
  enum Progress: Equatable {
    case more
    /// The message has ended.
    case complete
  }

  /// The request line or the status line; empty until the head has come.
  private(set) var startLine = ""
  private var head: [UInt8] = []
  private var bodyLeft: Int?

  /// Takes in what came. Nothing may follow a message before it is answered.
  /// - Parameter onBody: is given the part that belongs to the body.
  mutating func take(
    _ chunk: UnsafeRawBufferPointer, onBody: (UnsafeRawBufferPointer) -> Void = { _ in }
  ) throws -> Progress {
    var rest = chunk[...]
    if bodyLeft == nil {
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
    let left = bodyLeft ?? 0
    guard rest.count <= left else { throw BenchError("\(rest.count - left) bytes came behind: \(startLine)") }
    if !rest.isEmpty { onBody(UnsafeRawBufferPointer(rebasing: rest)) }
    bodyLeft = left - rest.count
    return bodyLeft == 0 ? .complete : .more
  }

  /// Begins with the next message.
  mutating func reset() {
    head.removeAll(keepingCapacity: true)
    bodyLeft = nil
    startLine = ""
  }

  private mutating func readHead() throws {
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
    startLine = lines.first.map(String.init) ?? ""
    bodyLeft = 0
    for line in lines.dropFirst() {
      let (name, value) = (line.prefix { $0 != ":" }.lowercased(), line.drop { $0 != ":" }.dropFirst())
      if name == "content-length", let length = Int(value.drop { $0 == " " }) { bodyLeft = length }
      if name == "transfer-encoding" { throw BenchError("a message without a length came: \(startLine)") }
    }
  }
}
