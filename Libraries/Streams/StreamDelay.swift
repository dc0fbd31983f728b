internal import CEvent

/// One call to come, on the loop's thread, which alone may touch this.
final class StreamDelay {
  private let connection: StreamConnection
  private var work: (() -> Void)?
  private var event: OpaquePointer?

  init(_ connection: StreamConnection, _ work: @escaping () -> Void) {
    self.connection = connection
    self.work = work
  }

  /// The connection keeps it alive until it fires or is cancelled.
  func start(after nanoseconds: Int64) -> Bool {
    event = connection.loop.makeTimer(Unmanaged.passUnretained(self).toOpaque(), onDelay)
    guard let event else { return false }
    return barito_event_in(event, nanoseconds) == 0
  }

  func cancel() {
    if let event { event_free(event) }
    event = nil
    work = nil
  }

  fileprivate func fire() {
    let work = work
    cancel()
    connection.delays[ObjectIdentifier(self)] = nil
    work?()
  }
}

private func onDelay(_ descriptor: CInt, _ what: Int16, _ context: UnsafeMutableRawPointer?) {
  guard let context else { return }
  Unmanaged<StreamDelay>.fromOpaque(context).takeUnretainedValue().fire()
}
