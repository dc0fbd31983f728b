import BaritoCore
import Curl

/// Keeps one session going: connects, and connects again from its cursor, until it is over.
struct TailClient: Sendable {
  private enum Outcome {
    case exit(TailCommand.Exit)
    /// Why another try is worth it.
    case again(String)
  }

  private let settings: CommandSettings
  private let outside: TailCommand.Surroundings
  private let configurationPath: String
  private let receiver: StreamReceiver
  private let backoff = Backoff(base: .milliseconds(250), cap: .seconds(10))

  /// How often to try again where there was no connection yet.
  private static let firstTries = 3
  /// The server is silent for ten seconds at most.
  private static let silence: Duration = .seconds(30)

  init(_ settings: CommandSettings, _ outside: TailCommand.Surroundings, configurationPath: String) {
    self.settings = settings
    self.outside = outside
    self.configurationPath = configurationPath
    let isColored =
      switch settings.color {
      case .always: true
      case .never: false
      case .auto: outside.isTerminal && (outside.environment["NO_COLOR"] ?? "").isEmpty
      }
    let format = LineFormat(
      output: settings.output, timestamps: settings.timestamps, isColored: isColored, isTerminal: outside.isTerminal,
      showsApp: settings.apps.count > 1)
    receiver = StreamReceiver(format, write: outside.write) { [outside] in outside.complain("# \($0)\n") }
  }

  func run() async -> TailCommand.Exit {
    guard let token = settings.token, !token.isEmpty else {
      outside.complain(
        """
        baritotail: no token: give --token, BARITO_TOKEN or a line `token = …` in \(configurationPath); \
        make one on the account page of Market

        """)
      return .notAllowed
    }
    let client = CurlClient(CurlConfiguration(proxy: .environment, userAgent: "baritotail"))
    var attempt = 0
    var lostAt = ContinuousClock.now
    while true {
      let seen = receiver.events
      switch await connect(client, token) {
      case .exit(let exit): return exit
      case .again(let reason):
        if receiver.events > seen { (attempt, lostAt) = (0, .now) }
        if receiver.events == 0, attempt == TailClient.firstTries {
          return fail("\(reason); is \(settings.url) right? Give --url or BARITO_TAIL_URL")
        }
        guard ContinuousClock.now - lostAt < settings.patience else {
          outside.complain("baritotail: connection lost for good: \(reason)\n")
          return .connectionLost
        }
        if attempt == 0 {
          let from = receiver.cursor.map { "connection lost, resuming from \($0)" } ?? "no connection, trying again"
          outside.complain("# \(from): \(reason)\n")
        }
        let wait = backoff.ceiling(attempt) / 2 + backoff.delay(attempt) / 2
        do { try await Task.sleep(for: wait) } catch { return .done }
        attempt += 1
      }
    }
  }

  private func connect(_ client: CurlClient, _ token: String) async -> Outcome {
    var request = CurlRequest(
      "GET", settings.url + settings.target(cursor: receiver.cursor) { URLText.percentEncode($0) },
      headers: [("Accept", "application/x-ndjson")], timeout: nil, idleTimeout: TailClient.silence)
    request.authorize(bearer: token)
    receiver.begin()
    let response: CurlResponse
    do throws(CurlError) {
      response = try await client.stream(request) { [receiver] chunk in
        receiver.receive(chunk)
        return true
      }
    } catch {
      if error.disposition == .retry { return .again(error.detail) }
      return .exit(error.code == .aborted ? .done : fail(error.detail))
    }
    guard response.isSuccess else { return refused(response) }
    guard let end = receiver.end else { return .again("the server closed the connection") }
    return ended(end.reason, SafeText.of(end.detail))
  }

  private func ended(_ reason: String, _ detail: String) -> Outcome {
    switch reason {
    case "done": return .exit(.done)
    case "stopping", "failed": return .again(detail)
    case "forbidden":
      outside.complain("baritotail: not allowed any more: \(detail)\n")
      return .exit(.notAllowed)
    default: return .exit(fail(detail))
    }
  }

  private func refused(_ response: CurlResponse) -> Outcome {
    let detail = TailClient.problem(response)
    switch response.status {
    case 401:
      outside.complain("baritotail: the token is not good: \(detail)\n")
      return .exit(.notAllowed)
    case 403:
      outside.complain("baritotail: not allowed: \(detail)\n")
      return .exit(.notAllowed)
    case 400:
      outside.complain("baritotail: \(detail)\n")
      return .exit(.usage)
    case 429, 500...: return .again(detail)
    default: return .exit(fail(detail))
    }
  }

  private func fail(_ detail: String) -> TailCommand.Exit {
    outside.complain("baritotail: \(detail)\n")
    return .error
  }

  private static func problem(_ response: CurlResponse) -> String {
    let bytes = response.body
    func member(_ name: String) -> String? {
      guard let object = try? JSONScanner.validate(bytes.span), object.kind == .object else { return nil }
      let found = try? JSONMembers.value(of: name, inObjectAt: object.range, of: bytes.span)
      return (found ?? nil)?.string(in: bytes.span)
    }
    let detail = member("detail") ?? member("title") ?? "the server answered \(response.status)"
    return SafeText.of(detail)
  }
}
