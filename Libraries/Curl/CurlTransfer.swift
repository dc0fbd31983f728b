import CCurl

/// One answer as it arrives: what the callbacks of libcurl write to. Lives on the client's thread only.
final class CurlTransfer {
  /// What made a callback stop the transfer.
  enum Stop { case tooLarge, headersTooLarge, byCaller }

  var response = CurlResponse(status: 0)
  var stop: Stop?
  private var headIsComplete = false
  private var headerBytes = 0
  private let maxBytes: Int
  private let onHead: ((CurlResponse) -> Bool)?
  private let onChunk: (([UInt8]) -> Bool)?

  static let maxHeaderBytes = 256 << 10

  init(maxBytes: Int, onHead: ((CurlResponse) -> Bool)?, onChunk: (([UInt8]) -> Bool)?) {
    self.maxBytes = maxBytes
    self.onHead = onHead
    self.onChunk = onChunk
  }

  /// One header line with its line end. Returns whether to go on.
  func receive(headerLine: UnsafeRawBufferPointer) -> Bool {
    headerBytes += headerLine.count
    guard headerBytes <= Self.maxHeaderBytes else {
      stop = .headersTooLarge
      return false
    }
    // What follows the head are trailers.
    guard !headIsComplete else { return true }
    let line = String(decoding: headerLine, as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      // A second status line follows an interim answer (1xx): what came before is not the answer.
      let status = line.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0.prefix(3)) }
      response = CurlResponse(status: status ?? 0)
      return true
    }
    if let colon = line.firstIndex(of: ":") {
      response.headers.append((String(line[..<colon]), trimmed(line[line.index(after: colon)...])))
      return true
    }
    guard trimmed(line[...]).isEmpty, response.status >= 200 else { return true }
    headIsComplete = true
    if let onHead, !onHead(response) {
      stop = .byCaller
      return false
    }
    return true
  }

  /// A part of the body. Returns whether to go on.
  func receive(body: UnsafeRawBufferPointer) -> Bool {
    if let onChunk, response.isSuccess {
      guard onChunk(Array(body)) else {
        stop = .byCaller
        return false
      }
      return true
    }
    guard response.body.count + body.count <= maxBytes else {
      stop = .tooLarge
      return false
    }
    response.body.append(contentsOf: body)
    return true
  }

  private func trimmed(_ text: Substring) -> String {
    var text = text
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text.drop(while: \.isWhitespace))
  }
}

// File-scope functions: a closure would inherit the actor's isolation and trap on it.

func onCurlHeader(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
  return transfer.receive(headerLine: UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

func onCurlBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
  // Zero means "stop" only where bytes were offered.
  return transfer.receive(body: UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}
