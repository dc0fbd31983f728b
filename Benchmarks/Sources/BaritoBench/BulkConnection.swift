import Glibc

/// One connection of a sink: to who sends, or to the Elasticsearch behind it.
final class BulkConnection {
  let descriptor: CInt
  private(set) var reader = MessageReader()
  /// Of what came, where it is a bulk body.
  private(set) var actions = BulkActions()
  /// The first bytes of the body that came.
  private(set) var beginning: [UInt8] = []
  private(set) var hasLeft = false
  private var wasWelcomed = false
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 64)

  private let isOfSender: Bool

  private static let beginningLength = 256

  /// - Parameter isOfSender: bulk bodies come on it.
  init(_ descriptor: CInt, isOfSender: Bool) {
    self.descriptor = descriptor
    self.isOfSender = isOfSender
  }

  deinit {
    close(descriptor)
    buffer.deallocate()
  }

  /// Reads what is there.
  /// - Parameter pass: is given all of it, as it came.
  /// - Returns: whether a message has come to its end.
  func receive(_ pass: (UnsafeRawBufferPointer) -> Void = { _ in }) throws -> Bool {
    let count = recv(descriptor, buffer.baseAddress, buffer.count, CInt(MSG_DONTWAIT))
    if count < 0, errno == EAGAIN || errno == EINTR { return false }
    guard count > 0 else {
      hasLeft = true
      return false
    }
    let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
    pass(bytes)
    let progress = try reader.take(bytes) { body in
      if isOfSender { actions.take(body) }
      if beginning.count < BulkConnection.beginningLength {
        beginning += body.prefix(BulkConnection.beginningLength - beginning.count)
      }
    }
    return progress == .complete
  }

  /// Whether a message has come up to its body, whose sender waits for a word. Asked once a message.
  func takeExpectation() -> Bool {
    guard !wasWelcomed, reader.expectsContinue, beginning.isEmpty else { return false }
    wasWelcomed = true
    return true
  }

  /// Before the next message.
  func reset() {
    reader.reset()
    actions.reset()
    wasWelcomed = false
    beginning.removeAll(keepingCapacity: true)
  }

  /// Blocks: whoever is there reads.
  func send(_ bytes: UnsafeRawBufferPointer) {
    var sent = 0
    while sent < bytes.count {
      let count = Glibc.send(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent, CInt(MSG_NOSIGNAL))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        hasLeft = true
        return
      }
      sent += count
    }
  }
}
