/// Who sends to a sink, the Elasticsearch behind it where there is one, and the request between them.
final class BulkExchange {
  let sender: BulkConnection
  private let server: BulkConnection?
  /// When the sink itself is to answer; nil while there is nothing to be answered.
  var due: ContinuousClock.Instant?

  /// - Parameters: open descriptors, which it closes at its end.
  init(sender: CInt, server: CInt?) {
    self.sender = BulkConnection(sender, isOfSender: true)
    self.server = server.map { BulkConnection($0, isOfSender: false) }
  }

  var serverDescriptor: CInt { server?.descriptor ?? -1 }
  var isBulk: Bool { sender.reader.startLine.hasPrefix("POST /_bulk") }
  /// Whether one of its ends has left.
  var isOver: Bool { sender.hasLeft || server?.hasLeft == true }

  /// Takes what came from who sends, and hands it on.
  /// - Returns: whether a request has come to its end.
  func receiveRequest() throws -> Bool {
    let isComplete = try sender.receive { server?.send($0) }
    // An Elasticsearch would say so itself.
    if server == nil, sender.takeExpectation() { answer(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
    return isComplete
  }

  /// Takes what came from Elasticsearch, and hands it back.
  /// - Returns: whether an answer has come to its end.
  func receiveAnswer() throws -> Bool { try server?.receive { sender.send($0) } ?? false }

  func answer(_ bytes: [UInt8]) { bytes.withUnsafeBytes { sender.send($0) } }

  /// - Throws: where Elasticsearch did not take every document: there is no telling then what was measured.
  func requireSuccess() throws {
    guard let server else { return }
    let said = String(decoding: server.beginning, as: UTF8.self)
    guard server.reader.startLine.hasPrefix("HTTP/1.1 200 "), said.contains(#""errors":false"#) else {
      throw BenchError("Elasticsearch answered a bulk request \(server.reader.startLine): \(said)")
    }
  }

  func reset() {
    sender.reset()
    server?.reset()
  }
}
