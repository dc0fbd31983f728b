import Glibc

/// An Elasticsearch that takes everything: answers every `_bulk` with a 201 for each document, and keeps nothing.
final class BulkSink {
  private let listener: CInt
  let port: Int
  private let expected: Int
  private var connections: [Connection] = []
  private(set) var documents = 0
  private(set) var requests = 0
  private var first: (documents: Int, at: ContinuousClock.Instant)?

  /// - Parameter expected: documents after which `onComplete` is called.
  init(expecting expected: Int) throws {
    self.expected = expected
    (listener, port) = try Loopback.listen()
  }

  /// Serves for ever.
  /// - Parameter onComplete: is given the documents and seconds from the end of the first request to the end of the last.
  func run(onComplete: (Int, Double) -> Void) throws {
    var isComplete = false
    while true {
      var descriptors = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
      descriptors += connections.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
      guard poll(&descriptors, nfds_t(descriptors.count), -1) > 0 else { continue }
      for (connection, state) in zip(connections, descriptors.dropFirst()) where state.revents != 0 {
        try serve(connection)
      }
      connections.removeAll { $0.hasLeft }
      if descriptors[0].revents != 0 { accept() }
      if !isComplete, documents >= expected, let first {
        isComplete = true
        onComplete(documents - first.documents, (ContinuousClock.now - first.at) / .seconds(1))
      }
    }
  }

  private func accept() {
    let descriptor = Glibc.accept(listener, nil, nil)
    guard descriptor >= 0 else { return }
    Loopback.noDelay(descriptor)
    connections.append(Connection(descriptor))
  }

  private func serve(_ connection: Connection) throws {
    guard try connection.receive() else { return }
    let isBulk = connection.reader.startLine.hasPrefix("POST /_bulk")
    if isBulk {
      let count = connection.actions.count
      try connection.send(BulkSink.answer(to: connection.actions))
      documents += count
      requests += 1
      if first == nil { first = (count, .now) }
    } else {
      try connection.send(BulkSink.response(Array(#"{"acknowledged":true}"#.utf8)))
    }
    connection.reset()
  }

  /// Elasticsearch's words for documents that it created, with their ids where they were sent.
  private static func answer(to actions: BulkActions) -> [UInt8] {
    var body = Array(#"{"errors":false,"items":["#.utf8)
    for (place, id) in actions.ids.enumerated() {
      if place > 0 { body.append(UInt8(ascii: ",")) }
      body += #"{"create":{"#.utf8
      if !id.isEmpty {
        body += #""_id":""#.utf8
        body += actions.bytes[id]
        body += #"","#.utf8
      }
      body += #""status":201}}"#.utf8
    }
    return response(body + Array("]}".utf8))
  }

  private static func response(_ body: [UInt8]) -> [UInt8] {
    Array("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
  }
}

private final class Connection {
  let descriptor: CInt
  private(set) var reader = MessageReader()
  private(set) var actions = BulkActions()
  private(set) var hasLeft = false
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 64)

  init(_ descriptor: CInt) { self.descriptor = descriptor }

  deinit {
    close(descriptor)
    buffer.deallocate()
  }

  /// - Returns: whether a request has come to its end.
  func receive() throws -> Bool {
    let count = recv(descriptor, buffer.baseAddress, buffer.count, CInt(MSG_DONTWAIT))
    if count < 0, errno == EAGAIN || errno == EINTR { return false }
    guard count > 0 else {
      hasLeft = true
      return false
    }
    let progress = try reader.take(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { actions.take($0) }
    return progress == .complete
  }

  func reset() {
    reader.reset()
    actions.reset()
  }

  /// Blocks: the client reads its answer.
  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, CInt(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        hasLeft = true
        return
      }
      sent += count
    }
  }
}
