import CProcess
import Glibc

/// Stands where Elasticsearch does, and counts the documents that are answered: answers every `_bulk` with a 201 for each
/// document and keeps nothing, or hands everything on to a real Elasticsearch and its answers back.
final class BulkSink {
  /// Who answers.
  enum Answer {
    /// The sink, so long after a request has come.
    case own(delay: Duration)
    /// The Elasticsearch on this port.
    case from(port: Int)
  }

  private let listener: CInt
  let port: Int
  private let expected: Int
  private let answer: Answer
  private var exchanges: [BulkExchange] = []
  private(set) var documents = 0
  private(set) var requests = 0
  /// How old documents were; nil where nobody asks.
  private(set) var freshness: FreshnessAccount?
  private var first: (documents: Int, at: ContinuousClock.Instant)?

  /// It looks at the clock at least so often.
  private static let longest = Duration.seconds(60)

  /// - Parameters:
  ///   - expected: documents after which `onComplete` is called; of the watched ones, where some are watched.
  ///   - freshness: watches documents.
  init(expecting expected: Int, answer: Answer = .own(delay: .zero), freshness: FreshnessAccount? = nil) throws {
    self.expected = expected
    self.answer = answer
    self.freshness = freshness
    (listener, port) = try Loopback.listen()
  }

  /// Serves for ever.
  /// - Parameters:
  ///   - onBegin: is called when the first bulk request has been answered.
  ///   - onComplete: is given the documents and seconds from the end of the first request to the end of the last.
  func run(onBegin: () -> Void = {}, onComplete: (Int, Double) -> Void) throws {
    var (hasBegun, isComplete) = (false, false)
    while true {
      // One without an Elasticsearch has -1, which is passed over.
      var descriptors = ([listener] + exchanges.map(\.sender.descriptor) + exchanges.map(\.serverDescriptor))
        .map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard bench_poll(&descriptors, nfds_t(descriptors.count), Int(patience / .nanoseconds(1))) >= 0 else { continue }
      for (place, exchange) in exchanges.enumerated() {
        if descriptors[1 + place].revents != 0, try exchange.receiveRequest() { try begin(exchange) }
        if descriptors[1 + exchanges.count + place].revents != 0, try exchange.receiveAnswer() { try end(exchange) }
        if let due = exchange.due, due <= .now { try answerOwn(exchange) }
      }
      exchanges.removeAll { $0.isOver }
      if descriptors[0].revents != 0 { try accept() }
      guard let first else { continue }
      if !hasBegun {
        hasBegun = true
        onBegin()
      }
      if !isComplete, freshness?.documents ?? documents >= expected {
        isComplete = true
        onComplete(documents - first.documents, (ContinuousClock.now - first.at) / .seconds(1))
      }
    }
  }

  /// How long to wait: until the next answer is due.
  private var patience: Duration {
    exchanges.compactMap(\.due).min().map { max(.zero, $0 - .now) } ?? BulkSink.longest
  }

  private func accept() throws {
    let descriptor = Glibc.accept(listener, nil, nil)
    guard descriptor >= 0 else { return }
    Loopback.noDelay(descriptor)
    var server: CInt?
    if case .from(let port) = answer { server = try Loopback.connect(to: port) }
    exchanges.append(BulkExchange(sender: descriptor, server: server))
  }

  /// A request has come.
  private func begin(_ exchange: BulkExchange) throws {
    // An Elasticsearch has got it already.
    guard case .own(let delay) = answer else { return }
    if exchange.isBulk, delay > .zero { exchange.due = .now + delay } else { try answerOwn(exchange) }
  }

  private func answerOwn(_ exchange: BulkExchange) throws {
    exchange.due = nil
    let body =
      exchange.isBulk ? BulkSink.answer(to: exchange.sender.actions) : Array(#"{"acknowledged":true}"#.utf8)
    exchange.answer(BulkSink.response(body))
    try end(exchange)
  }

  /// A request was answered.
  private func end(_ exchange: BulkExchange) throws {
    if exchange.isBulk {
      try exchange.requireSuccess()
      let actions = exchange.sender.actions
      documents += actions.count
      requests += 1
      freshness?.answered(actions, at: BulkSink.wallMilliseconds)
      if first == nil { first = (actions.count, .now) }
    }
    exchange.reset()
  }

  private static var wallMilliseconds: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
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
    return body + Array("]}".utf8)
  }

  private static func response(_ body: [UInt8]) -> [UInt8] {
    Array("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
  }
}
