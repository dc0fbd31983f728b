import CLibpq
import Glibc

/// One `PGconn`, used by one thread at a time: the actor that owns it.
///
/// Every wait is a `poll(2)` with a deadline that a `Waker` can end.
final class Session {
  private let raw: OpaquePointer
  private let waker: Waker
  private let statementTimeout: Duration
  private let farewell = Farewell()

  /// How much longer than the server's own timeout to wait for its answer.
  private static let grace = Duration.seconds(5)

  /// Connects, within the connect timeout.
  init(_ configuration: PostgresConfiguration, waker: Waker) throws(PostgresError) {
    self.waker = waker
    statementTimeout = configuration.statementTimeout
    _ = try configuration.parameters()
    let userTimeout = (statementTimeout + Self.grace).milliseconds
    let raw = Self.start([
      ("dbname", configuration.url), ("client_encoding", "UTF8"), ("tcp_user_timeout", "\(userTimeout)"),
      ("fallback_application_name", configuration.applicationName),
    ])
    guard let raw else { throw PostgresError(.unavailable, "cannot connect to the database: out of memory") }
    self.raw = raw
    // The farewell lives as long as this object, and the receiver is called only by calls of this object.
    PQsetNoticeReceiver(raw, onNotice, Unmanaged.passUnretained(farewell).toOpaque())
    try finishConnecting(until: .now + configuration.connectTimeout, timeout: configuration.connectTimeout)
    // What the text formats of values rely on, whatever the server's or the role's defaults are.
    try runScript(
      """
      SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET bytea_output = 'hex'; SET extra_float_digits = 1;
      SET statement_timeout = \(statementTimeout.milliseconds)
      """)
  }

  deinit { PQfinish(raw) }

  private static func start(_ parameters: [(keyword: String, value: String)]) -> OpaquePointer? {
    withCStrings(parameters.map(\.keyword)) { keywords in
      withCStrings(parameters.map(\.value)) { values in PQconnectStartParams(keywords, values, 1) }
    }
  }

  private func finishConnecting(until deadline: ContinuousClock.Instant, timeout: Duration) throws(PostgresError) {
    var status = PQstatus(raw) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
    while status != PGRES_POLLING_OK {
      guard status != PGRES_POLLING_FAILED else {
        throw PostgresError(.connectionFailed, "cannot connect to the database: \(message)")
      }
      switch wait(for: status == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: deadline) {
      case .ready: status = PQconnectPoll(raw)
      case .woken: if Task.isCancelled { throw .cancelled }
      case .timedOut:
        throw PostgresError(.connectionFailed, "cannot connect to the database: no answer within \(timeout)")
      }
    }
  }

  /// Runs one statement with values.
  func run(_ sql: SQL, isCancellable: Bool = true) throws(PostgresError) -> ResultTable {
    guard sql.values.count <= 65_535 else {
      throw PostgresError(.invalidRequest, "a statement has \(sql.values.count) values, at most 65535 are possible")
    }
    // C would end the text at a zero byte, and the server would see another value than was meant.
    guard sql.values.allSatisfy({ $0?.utf8.contains(0) != true }) else {
      throw PostgresError(.invalidRequest, "a text holds a zero byte, which PostgreSQL cannot store: use bytea")
    }
    return try perform(isCancellable: isCancellable) {
      withCStrings(sql.values) { values in
        PQsendQueryParams(raw, sql.text, Int32(sql.values.count), nil, values, nil, nil, 0) == 1
      }
    }
  }

  /// Runs any number of statements without values; they are one transaction unless they say otherwise.
  func runScript(_ text: String, isCancellable: Bool = true) throws(PostgresError) {
    _ = try perform(isCancellable: isCancellable) { PQsendQuery(raw, text) == 1 }
  }

  private func perform(isCancellable: Bool, _ send: () -> Bool) throws(PostgresError) -> ResultTable {
    if isCancellable && Task.isCancelled { throw .cancelled }
    guard send() else { throw lost() }
    let deadline = ContinuousClock.now + statementTimeout + Self.grace
    var last: ResultTable?
    var failure: PostgresError?
    var wasCancelled = false
    while true {
      while PQisBusy(raw) == 1 {
        switch wait(for: POLLIN, until: deadline) {
        case .ready: if PQconsumeInput(raw) != 1 { throw failure ?? lost() }
        case .woken:
          if isCancellable && Task.isCancelled && !wasCancelled {
            wasCancelled = true
            cancel()
          }
        case .timedOut:
          // The session's state is unknown: close the socket, so that nobody uses it again.
          shutdown(PQsocket(raw), Int32(SHUT_RDWR))
          isAbandoned = true
          throw PostgresError(.connectionLost, "the database did not answer within \(statementTimeout) and the grace")
        }
      }
      guard let result = PQgetResult(raw) else { break }
      let table = ResultTable(result)
      switch PQresultStatus(result) {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: last = table
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        isAbandoned = true
        throw PostgresError(.invalidRequest, "COPY is not supported here")
      default: failure = failure ?? error(of: result)
      }
    }
    if let failure { throw wasCancelled && failure.code == .statementTimedOut ? .cancelled : failure }
    guard let last else { throw lost() }
    return last
  }

  /// Asks the server to end the running statement; its answer arrives as usual.
  private func cancel() {
    guard let cancel = PQgetCancel(raw) else { return }
    defer { PQfreeCancel(cancel) }
    var message = [CChar](repeating: 0, count: 256)
    PQcancel(cancel, &message, 256)
  }

  /// Waits for a notification of a channel listened to; nil at the deadline.
  func waitForNotification(until deadline: ContinuousClock.Instant) throws(PostgresError) -> PostgresNotification? {
    while true {
      if Task.isCancelled { throw .cancelled }
      guard PQconsumeInput(raw) == 1 else { throw lost() }
      if let notification = PQnotifies(raw) {
        defer { PQfreemem(notification) }
        return PostgresNotification(
          channel: String(cString: notification.pointee.relname), payload: String(cString: notification.pointee.extra))
      }
      if case .timedOut = wait(for: POLLIN, until: deadline) { return nil }
    }
  }

  private var isAbandoned = false

  /// Whether the session can be used, as far as this end knows: notices what the server sent since.
  var isUsable: Bool {
    guard !isAbandoned, PQstatus(raw) == CONNECTION_OK else { return false }
    // One read gets the server's last words, the next its end of the stream.
    var reads = 0
    while reads < 16, hasInput {
      guard PQconsumeInput(raw) == 1 else { return false }
      _ = PQisBusy(raw)
      reads += 1
    }
    return PQstatus(raw) == CONNECTION_OK && !farewell.wasSaid
  }

  private var hasInput: Bool {
    var descriptor = pollfd(fd: PQsocket(raw), events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, 0) > 0
  }

  /// Whether the session is in a transaction that can only be rolled back.
  var isFailed: Bool { PQtransactionStatus(raw) == PQTRANS_INERROR }

  /// Whether the session is outside of any transaction.
  var isIdle: Bool { PQtransactionStatus(raw) == PQTRANS_IDLE }

  private enum Wait { case ready, woken, timedOut }

  private func wait(for events: Int32, until deadline: ContinuousClock.Instant) -> Wait {
    while true {
      var descriptors = [
        pollfd(fd: PQsocket(raw), events: Int16(events), revents: 0),
        pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      let remaining = max(0, min((deadline - .now).milliseconds, 1_000_000))
      let count = poll(&descriptors, 2, Int32(remaining))
      if descriptors[1].revents != 0 && count > 0 {
        waker.clear()
        return .woken
      }
      if count > 0 { return .ready }
      if count == 0 && deadline <= .now { return .timedOut }
    }
  }

  private var message: String {
    String(cString: PQerrorMessage(raw)).split(separator: "\n").joined(separator: "; ")
  }

  private func lost() -> PostgresError {
    isAbandoned = true
    return PostgresError(.connectionLost, "the connection to the database broke: \(message)")
  }

  private func error(of result: OpaquePointer) -> PostgresError {
    func field(_ code: Unicode.Scalar) -> String? {
      PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
    }
    // The letters are libpq's PG_DIAG_ macros, which Swift does not import.
    guard let sqlState = field("C") else { return lost() }
    let code = PostgresError.Code(sqlState: sqlState)
    var error = PostgresError(code, "the database refused a statement")
    error.sqlState = sqlState
    error.constraint = field("n")
    error.serverMessage = field("M")
    error.serverDetail = field("D")
    return error
  }
}

extension PostgresError {
  static let cancelled = PostgresError(.cancelled, "the task that asked was cancelled")
}

extension Duration {
  /// Whole milliseconds, rounded up so that a wait is never shorter than asked.
  var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
  }
}

/// Whether the server announced that it ends the session; libpq passes that to an idle session as a notice.
private final class Farewell {
  var wasSaid = false
}

/// Notices are of no interest but for the last one. libpq prints them to stderr unless told otherwise.
private func onNotice(_ farewell: UnsafeMutableRawPointer?, _ notice: OpaquePointer?) {
  guard let farewell, let severity = PQresultErrorField(notice, Int32(UInt8(ascii: "V"))) else { return }
  if ["FATAL", "PANIC"].contains(String(cString: severity)) {
    Unmanaged<Farewell>.fromOpaque(farewell).takeUnretainedValue().wasSaid = true
  }
}

/// The texts as an array of C strings that ends with a null, for the length of a call.
private func withCStrings<R>(_ texts: [String?], _ body: ([UnsafePointer<CChar>?]) -> R) -> R {
  let copies = texts.map { $0.flatMap { strdup($0) } }
  defer { for copy in copies { free(copy) } }
  return body(copies.map { $0.map { UnsafePointer($0) } } + [nil])
}
