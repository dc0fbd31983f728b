import BaritoTailCommand
import HTTP
import Synchronization
import TestKit
import Testing

@Suite(.timeLimit(.minutes(2))) struct TailCommandTests {
  private func event(_ number: Int) -> String {
    #"{"cursor":"v1_1.\#(number)","app":"shop","at":"2026-11-22T10:15:30.123Z","id":"x","line":{"message":"m\#(number)"}}"#
      + "\n"
  }

  /// A server whose n-th answer to `GET /v1/tail` is the n-th of these; the last one for all that come after.
  private final class Script: Sendable {
    let server: HTTPServer
    let port: Int

    init(_ answers: [HTTPResponse]) throws {
      let box = Box()
      var routes = Routes()
      routes.get("/v1/tail") { request in
        let count = box.queries.withLock { queries in
          queries.append(request.query)
          return queries.count
        }
        return answers[min(count, answers.count) - 1]
      }
      server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: routes)
      port = try server.start()
      self.box = box
    }

    private final class Box: Sendable { let queries = Mutex<[HTTPQuery]>([]) }
    private let box: Box

    var asked: [HTTPQuery] { box.queries.withLock { $0 } }
    var options: [String] { ["--url", "http://127.0.0.1:\(port)", "--token", "t"] }
  }

  private func stream(_ text: String) -> HTTPResponse {
    HTTPResponse(body: .stream { try await $0.write(text) })
  }

  private let done = #"{"cursor":"v1_1.9","end":{"reason":"done","detail":"that was all"}}"# + "\n"

  @Test("help begins with examples")
  func help() async {
    let run = await CommandRun(["--help"])
    #expect(run.exit == .done)
    #expect(run.output.hasPrefix("Examples:\n  baritotail checkout "))
    #expect(run.output.contains("--no-follow"))
    #expect(run.output.contains("-l, --level"))
  }

  @Test("without a token it says where to put one")
  func noToken() async {
    let run = await CommandRun(["shop"], environment: ["HOME": "/home/ada"])
    #expect(run.exit == .notAllowed)
    #expect(
      run.complaints.contains("--token, BARITO_TOKEN or a line `token = …` in /home/ada/.config/barito/config.toml"))
  }

  @Test("a wrong command line is a usage error that says what was meant")
  func usage() async {
    let nothing = await CommandRun([])
    #expect(nothing.exit == .usage)
    #expect(nothing.complaints.hasPrefix("baritotail: no app is named; write baritotail <app>"))
    let run = await CommandRun(["shop", "--grpe", "x"])
    #expect(run.exit == .usage)
    #expect(run.complaints.contains("did you mean --grep?"))
    #expect(await CommandRun(["shop", "-f", "novalue"]).exit == .usage)
  }

  @Test("the settings can be looked at without naming an app")
  func settings() async {
    #expect(await CommandRun(["--check-config"]).exit == .done)
    let run = await CommandRun(["--print-config"], environment: ["BARITO_TOKEN": "brt_secret"])
    #expect(run.exit == .done)
    #expect(run.output.contains("token = ********"))
    #expect(!run.output.contains("brt_secret"))
  }

  @Test("options reach the server, commas and repeats as they are")
  func query() async throws {
    let script = try Script([stream(done)])
    let run = await CommandRun(
      script.options + [
        "shop", "c1/cart", "-n", "5", "--since", "10m", "-l", "error", "-g", "a,b", "--grep", "c&d", "-x", "health",
        "-f", "user.id=7=8", "--rate", "100", "--no-follow",
      ])
    #expect(run.exit == .done)
    let query = try #require(script.asked.first)
    #expect(query.all("app") == ["shop", "c1/cart"])
    #expect(query.all("grep") == ["a,b", "c&d"])
    #expect(query.all("exclude") == ["health"])
    #expect(query.first("field.user.id") == "7=8")
    #expect(
      ["tail", "since", "level", "rate", "follow", "cursor"].map { query.first($0) } == [
        "5", "10m", "error", "100", "false", nil,
      ])
    await script.server.stop()
  }

  @Test("flags win over the environment, and that over the file")
  func sources() async throws {
    let tail = try await TailHarness()
    _ = try await tail.makeApp("shop")
    let path = "/xdg/barito/config.toml"
    let file = [path: "# mine\nurl = \"http://127.0.0.1:\(tail.port)\"\ntoken = \"wrong\"\n"]
    let options = ["shop", "--no-follow", "-n", "0"]
    let environment = ["XDG_CONFIG_HOME": "/xdg"]
    let fromFile = await CommandRun(options, environment: environment, files: file)
    #expect(fromFile.exit == .notAllowed)
    #expect(fromFile.complaints.contains("the token is not good: No such token."))
    let fromEnvironment = await CommandRun(
      options, environment: environment.merging(["BARITO_TOKEN": TailHarness.token]) { $1 }, files: file)
    #expect(fromEnvironment.exit == .done)
    let fromFlag = await CommandRun(
      options + ["--token", "other"], environment: environment.merging(["BARITO_TOKEN": TailHarness.token]) { $1 },
      files: file)
    #expect(fromFlag.exit == .notAllowed)
    await tail.stop()
  }

  @Test("lines are shown from the service, as text, JSON and raw")
  func outputs() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop")
    try await tail.produce(
      [#"{"level":"warn","message":"slow \u001b[31m","ms":12,"user":"a b"}"#], to: app, at: aMinuteAgo)
    let options = [
      "shop", "--no-follow", "-n", "1", "--url", "http://127.0.0.1:\(tail.port)", "--token", TailHarness.token,
    ]
    let text = await CommandRun(options)
    #expect(text.output == "\(timeOf(aMinuteAgo)) WARN  slow \\x1b[31m ms=12 user=\"a b\"\n")
    let raw = await CommandRun(options + ["-o", "raw"])
    #expect(raw.output == #"{"level":"warn","message":"slow \u001b[31m","ms":12,"user":"a b"}"# + "\n")
    let json = await CommandRun(options + ["--json"])
    #expect(json.output.hasPrefix("{\"cursor\":\"v1_\(app.id).1\",\"app\":\"shop\""))
    let missing = await CommandRun(["shpo"] + options.dropFirst())
    #expect(missing.exit == .error)
    #expect(missing.complaints.contains("did you mean shop?"))
    let pattern = await CommandRun(options + ["-g", "a(b"])
    #expect(pattern.exit == .usage)
    #expect(pattern.complaints.contains("position 3"))
    await tail.stop()
  }

  @Test("a lost connection is resumed from the last whole line, and said on standard error")
  func resumes() async throws {
    let half = String(event(3).prefix(40))
    let script = try Script([stream(event(1) + event(2) + half), stream(event(3) + done)])
    let run = await CommandRun(script.options + ["shop", "--timestamps", "none"])
    #expect(run.exit == .done)
    #expect(run.output == "m1\nm2\nm3\n")
    #expect(run.complaints.contains("# connection lost, resuming from v1_1.2"))
    #expect(script.asked.map { $0.first("cursor") } == [nil, "v1_1.2"])
    await script.server.stop()
  }

  @Test("a server that stops is left for another, and gaps are told on standard error")
  func stopping() async throws {
    let gap = #"{"cursor":"v1_1.130","gap":{"reason":"slow","lines":120,"offsets":[]}}"# + "\n"
    let stop = #"{"cursor":"v1_1.130","end":{"reason":"stopping","detail":"this instance stops"}}"# + "\n"
    let script = try Script([stream(event(1) + gap + stop), stream(done)])
    let run = await CommandRun(script.options + ["shop"])
    #expect(run.exit == .done)
    #expect(run.complaints.contains("# 120 lines skipped: this terminal was too slow"))
    #expect(script.asked.last?.first("cursor") == "v1_1.130")
    await script.server.stop()
  }

  @Test("exit codes tell why it ended")
  func exits() async throws {
    let forbidden = ProblemDocument(status: 403, code: "forbidden", detail: "You are no member.")
    let script = try Script([.problem(forbidden)])
    let run = await CommandRun(script.options + ["shop"])
    #expect(run.exit == .notAllowed)
    #expect(run.complaints == "baritotail: not allowed: You are no member.\n")
    await script.server.stop()
    let away = await CommandRun(script.options + ["shop"])
    #expect(away.exit == .error)
    #expect(away.complaints.contains("--url"))
    let lost = try Script([stream(event(1))])
    let ending = await CommandRun(lost.options + ["shop", "--patience", "0"])
    #expect(ending.exit == .connectionLost)
    await lost.server.stop()
  }
}
