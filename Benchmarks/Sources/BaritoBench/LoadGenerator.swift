import CProcess
import Glibc

/// Sends requests over keep-alive connections: on each the next one when the last was answered, or at a fixed rate. One
/// thread and `poll`, so that it takes as little as possible of the machine that it shares with what it measures.
struct LoadGenerator {
  let port: Int
  let connections: Int
  /// Head and body in one.
  let requests: [[UInt8]]
  /// Whether the body of a 200 says that every line was taken.
  let accepts: ([UInt8]) -> Bool
  /// Requests per second, whether or not the service keeps up; an answer's time then counts from when its request was
  /// due. Nil for as many as are answered.
  var rate: Double?

  /// An answer that takes longer ends the measurement.
  static let longest = Duration.seconds(30)

  /// When no more is sent.
  enum Goal {
    case time(Duration)
    /// Each request once.
    case allAreSent
  }

  struct Result {
    /// How long each answer took.
    var latencies: [Duration] = []
    var seconds = 0.0
    /// Requests answered 200.
    var answered: Int { latencies.count }
  }

  init(port: Int, connections: Int, requests: [[UInt8]], accepts: @escaping ([UInt8]) -> Bool) {
    self.port = port
    self.connections = connections
    self.requests = requests
    self.accepts = accepts
  }

  init(port: Int, connections: Int, requests: ProduceRequests) {
    self.init(port: port, connections: connections, requests: requests.requests, accepts: requests.accepts)
  }

  /// Sends one request again and again until it is answered 200: the service is up and the topic is there.
  /// - Parameter all: every request, as each may be of another app.
  func warmUp(within limit: Duration, all: Bool = false) throws {
    let deadline = ContinuousClock.now + limit
    var pending = requests.prefix(all ? requests.count : 1)
    var connection: LoadConnection?
    defer { connection?.close() }
    while let request = pending.first {
      do {
        let open = try connection ?? connect()
        connection = open
        try open.begin(request, planned: .now)
        while try open.advance() == nil { _ = try wait([open]) }
        pending.removeFirst()
      } catch {
        connection?.close()
        connection = nil
        // A path that is not there will not come.
        guard ContinuousClock.now < deadline, !"\(error)".contains(" 404 ") else { throw error }
        usleep(100_000)
      }
    }
  }

  /// Sends until then, and waits for the answers that are still due: they count, and so does their time.
  func run(until goal: Goal) throws -> Result {
    let all = try (0..<connections).map { _ in try connect() }
    defer { for connection in all { connection.close() } }
    var result = Result()
    let start = ContinuousClock.now
    var (end, most) = (start + .seconds(86_400), requests.count)
    if case .time(let duration) = goal { (end, most) = (start + duration, .max) }
    var begun = 0
    while true {
      let now = ContinuousClock.now
      if now < end {
        for connection in all where connection.isIdle && begun < most {
          let planned = due(begun, since: start) ?? now
          guard planned <= now, planned < end else { break }
          try connection.begin(requests[begun % requests.count], planned: planned)
          begun += 1
        }
      }
      let open = all.filter { !$0.isIdle }
      if open.isEmpty, now >= end || begun == most { break }
      let limit = LoadGenerator.patience(isWaiting: !open.isEmpty, due: due(begun, since: start), now: .now, end: end)
      for connection in try wait(open, limit) {
        if let latency = try connection.advance() { result.latencies.append(latency) }
      }
    }
    result.seconds = (ContinuousClock.now - start) / .seconds(1)
    return result
  }

  /// When a request is to be sent; nil for as soon as possible.
  private func due(_ number: Int, since start: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    rate.map { start + .seconds(Double(number) / $0) }
  }

  /// How long to wait for answers before looking at the clock again. Pure.
  ///
  /// - Parameters:
  ///   - isWaiting: whether an answer is due. Where none is, nothing would end a wait for one.
  ///   - due: when the next request is to be sent; nil for as soon as possible.
  ///   - end: when no more is sent.
  static func patience(
    isWaiting: Bool, due: ContinuousClock.Instant?, now: ContinuousClock.Instant, end: ContinuousClock.Instant
  ) -> Duration {
    guard isWaiting else { return max(.zero, min(due ?? now, end) - now) }
    // What is due already waits for a connection, that is for an answer.
    guard now < end, let due, due > now else { return longest }
    return min(due - now, longest)
  }

  private func connect() throws -> LoadConnection { try LoadConnection(port: port, accepts: accepts) }

  /// - Returns: the connections that can go on; none where there was only time to wait for.
  private func wait(_ connections: [LoadConnection], _ limit: Duration = longest) throws -> [LoadConnection] {
    var descriptors = connections.map { $0.interest }
    let count = bench_poll(&descriptors, nfds_t(descriptors.count), Int(limit / .nanoseconds(1)))
    if count == 0, limit == LoadGenerator.longest { throw BenchError("no answer for \(limit)") }
    if count < 0, errno != EINTR { throw BenchError("cannot wait for answers: \(systemError())") }
    return zip(connections, descriptors).filter { $0.1.revents != 0 }.map { $0.0 }
  }
}
