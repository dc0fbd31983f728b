import BaritoCore
import Curl
import FoundationEssentials
import HTTP
import Logging
import TestKit
import Testing

@testable import BaritoFlow

/// Servers that hold a quarantine: a real one and the local stand-in, where the environment names them.
private enum QuarantineServer {
  static let real = environmentVariable("BARITO_TEST_ELASTICSEARCH")
  static let all = ["BARITO_TEST_ELASTICSEARCH", "BARITO_TEST_ELASTICSEARCH_EMBEDDED"].compactMap {
    environmentVariable($0)
  }
}

@Suite(.timeLimit(.minutes(3))) struct QuarantineCommandTests {
  private struct Count: Decodable { var count: Int }
  private struct Listed: Decodable {
    var fingerprint: String
    var count: Int
    var firstSeen: String
    var lastSeen: String
    var app: String
    var type: String
    var field: String?
    var explanation: String

    enum CodingKeys: String, CodingKey {
      case fingerprint, count, app, type, field, explanation
      case firstSeen = "first_seen"
      case lastSeen = "last_seen"
    }
  }

  /// What one run printed and ended with.
  private struct Run {
    var exit: QuarantineCommand.Exit
    var output: String
    var complaints: String
  }

  /// A prefix that no other test has.
  private let prefix = "q\(UInt32.random(in: 0...UInt32.max))."

  private func run(_ url: String, _ arguments: String...) async -> Run { await run(url, arguments) }

  private func run(_ url: String, _ arguments: [String]) async -> Run {
    let written = Guarded<(String, String)>(("", ""))
    let command = QuarantineCommand(
      environment: ["BARITO_ELASTICSEARCH_URL": url, "BARITO_TOPIC_PREFIX": prefix], readFile: { _ in "" },
      write: { text in written.with { $0.0 += text } }, complain: { text in written.with { $0.1 += text } })
    let exit = await command.run(["quarantine"] + arguments)
    let (output, complaints) = written.with { $0 }
    return Run(exit: exit, output: output, complaints: complaints)
  }

  private func client(_ url: String) -> ElasticsearchClient {
    ElasticsearchClient(url: url, authorization: nil, clients: 1, timeout: .seconds(60))
  }

  private func entry(_ offset: Int64, _ raw: String, app: String = "shop", _ reason: String) -> QuarantineEntry {
    QuarantineEntry(
      refusal: Refusal(serverType: "document_parsing_exception", reason: reason), topic: "\(prefix)\(app)_logs",
      app: app, partition: 0, offset: offset, timestamp: 1_700_000_000_000 + offset * 1000,
      index: "\(prefix)\(app)-2023.11.14", id: "id-\(offset)", raw: Array(raw.utf8))
  }

  private func conflict(_ field: String) -> String {
    "[1:12] failed to parse field [\(field)] of type [long] in document with id 'x'. Preview of field's value: '{x=1}': Cannot parse object as number"
  }

  private func keep(_ entries: [QuarantineEntry], _ url: String) async throws {
    let templates = IndexTemplates(
      elasticsearch: client(url), naming: TopicNaming(prefix: prefix), shards: 1, replicas: 0, fields: 2_000,
      logger: .silent)
    #expect(await templates.put().allSatisfy { $0.failure == nil })
    var request = BulkRequest()
    for (place, entry) in entries.enumerated() { request.create(record: place, entry) }
    let answer = try await client(url).bulk(request.bytes)
    let read = BulkResponse(answer.body.span, to: request)
    let items = try #require(read, "\(answer.text)").items
    #expect(items.allSatisfy { $0.status == 201 }, "\(answer.text)")
    _ = try await client(url).post("/barito-quarantine-\(prefix)*/_refresh", [], type: "application/json")
  }

  private func count(_ index: String, _ url: String) async throws -> Int {
    _ = try await client(url).post("/\(index)/_refresh", [], type: "application/json")
    let response = try await client(url).get("/\(index)/_count")
    // An index that was made just now may have no shard yet.
    guard response.isSuccess else { return response.status == 404 ? 0 : -1 }
    return try JSONDecoder().decode(Count.self, from: Data(response.body)).count
  }

  @Test(
    "entries are listed by cause, shown with their bytes, and leave the quarantine once they are indexed",
    arguments: QuarantineServer.all)
  func journey(url: String) async throws {
    let raw = #"{"n":{"x":1},"text":"\ud83d\ude00 é \"quoted\" 1.0e0"}"#
    let entries =
      (0..<5).map { entry($0, raw, conflict("n")) } + (5..<7).map { entry($0, raw, conflict("m")) }
      + [entry(7, raw, app: "other", conflict("n"))]
    try await keep(entries, url)

    let list = await run(url, "list", "--app", "shop", "-o", "json")
    let groups = try list.output.split(separator: "\n").map {
      try JSONDecoder().decode(Listed.self, from: Data($0.utf8))
    }
    #expect(list.exit == .done && groups.map(\.count) == [5, 2], "\(list)")
    let first = try #require(groups.first)
    #expect(first.fingerprint == entries[0].fingerprint && first.field == "n" && first.type == "type_conflict")
    #expect(first.firstSeen.hasPrefix("2023-11-14T22:13:20") && first.lastSeen.hasPrefix("2023-11-14T22:13:24"))
    #expect(first.explanation.contains("--stringify n"))
    #expect(await run(url, "list").output.contains("5 of \(prefix)shop_logs"))
    #expect(
      await run(url, "list", "--since", "2023-11-14T22:13:26Z", "-o", "json").output.split(separator: "\n").count == 2)
    #expect(await run(url, "list", "--since", "1h").output.isEmpty)

    let shown = await run(url, "show", first.fingerprint, "--limit", "3", "-o", "raw")
    #expect(shown.output == String(repeating: raw + "\n", count: 3) && shown.exit == .done)
    #expect(await run(url, "show", "id-6").output.contains("\(prefix)shop_logs/0/6"))
    #expect(await run(url, "show", "nothing").exit == .error)

    let dry = await run(url, "replay", "--fingerprint", first.fingerprint, "--dry-run", "--stringify", "n", "-o", "raw")
    #expect(dry.output.hasPrefix(#"{"n":"{\"x\":1}","text":"\ud83d\ude00 é \"quoted\" 1.0e0"}"# + "\n"))
    #expect(try await count("\(prefix)shop-2023.11.14", url) == 0)

    let limited = await run(
      url, "replay", "--fingerprint", first.fingerprint, "--stringify", "n", "--limit", "2", "--rate", "1000")
    #expect(limited.exit == .done && limited.complaints.hasPrefix("indexed 2,"), "\(limited)")
    #expect(try await count("\(prefix)shop-2023.11.14", url) == 2)
    #expect(try await count("barito-quarantine-\(prefix)shop-2023.11.14", url) == 5)
    let all = await run(url, "replay", "--app", "shop", "--drop", "m", "--rename", "n=n_object")
    #expect(all.exit == .done && all.complaints.hasPrefix("indexed 5,"), "\(all)")
    #expect(try await count("\(prefix)shop-2023.11.14", url) == 7)
    #expect(try await count("barito-quarantine-\(prefix)shop-2023.11.14", url) == 0)
    #expect(try await count("barito-quarantine-\(prefix)other-2023.11.14", url) == 1)
    let document = try await client(url).get("/\(prefix)shop-2023.11.14/_doc/id-0").text
    #expect(document.contains(#""n":"{\"x\":1}""#))
  }

  @Test(
    "what was indexed before a replay was broken off is there already, and leaves the quarantine",
    arguments: QuarantineServer.all)
  func again(url: String) async throws {
    try await keep((0..<6).map { entry($0, #"{"a":\#($0)}"#, conflict("n")) }, url)
    let store = QuarantineStore(elasticsearch: client(url), naming: TopicNaming(prefix: prefix))
    let page = try await store.page(QuarantineFilter(), after: nil, size: 4)
    #expect(page.hits.map(\.entry.offset) == [0, 1, 2, 3])
    // Killed between the documents and the removal of their entries.
    let batch = ReplayBatch(page.hits, repair: DocumentRepair(steps: []))
    // A server that makes many indices at once may not take all of them the first time.
    try await eventually("the documents are there") {
      try await store.bulk(batch.documents).allSatisfy { [201, 409].contains($0.status) }
    }
    let run = await run(url, "replay", "--all")
    #expect(run.complaints.hasPrefix("indexed 2, there already 4,") && run.exit == .done, "\(run)")
    #expect(try await count("\(prefix)shop-2023.11.14", url) == 6)
    #expect(try await count("barito-quarantine-\(prefix)shop-2023.11.14", url) == 0)
  }

  @Test(
    "a replay whose process is killed in the middle and run again ends as one that was not",
    arguments: QuarantineServer.all)
  func killed(url: String) async throws {
    let total = 40
    try await keep((0..<total).map { entry(Int64($0), #"{"a":\#($0)}"#, conflict("n")) }, url)
    let folder = try makeTemporaryFolder()
    defer { removeFolder(folder) }
    func replay(_ rate: String) throws -> ChildProcess {
      try ChildProcess(
        "replay", "\(programFolder)/barito-flow",
        ["quarantine", "replay", "--all", "--rate", rate, "--elasticsearch-url", url, "--topic-prefix", prefix],
        output: "\(folder)/out")
    }
    let first = try replay("4")
    try await eventually(within: .seconds(60), "some are indexed") {
      try await count("\(prefix)shop-2023.11.14", url) > 4
    }
    await first.killNow()
    #expect(try await count("\(prefix)shop-2023.11.14", url) < total)
    let second = try replay("1000")
    #expect(try await second.waitForExit(within: .seconds(90)) == 0, "\(second.lastOutput)")
    #expect(try await count("\(prefix)shop-2023.11.14", url) == total)
    #expect(try await count("barito-quarantine-\(prefix)shop-2023.11.14", url) == 0)
  }

  @Test(
    "an entry that is refused again stays with the new reason, until a repair gets it through",
    .enabled(if: QuarantineServer.real != nil))
  func refusedAgain() async throws {
    let url = try #require(QuarantineServer.real)
    let harmful = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)
    try await keep(
      [
        entry(0, #"{"o":{"a":1}}"#, "old"), entry(1, #"{"o":"a text"}"#, "old"), entry(2, "not an object", "old"),
        entry(3, #"{"a":\#(harmful)}"#, "old"),
      ], url)
    let first = await run(url, "replay", "--app", "shop")
    #expect(first.exit == .error)
    #expect(first.complaints.contains("indexed 1, there already 0, refused again 1, cannot be sent 2,"), "\(first)")
    #expect(first.complaints.contains("\(prefix)shop_logs/0/1: "))
    let list = await run(url, "list", "-o", "json").output.split(separator: "\n")
    let groups = try list.map { try JSONDecoder().decode(Listed.self, from: Data($0.utf8)) }
    let refused = try #require(groups.first { $0.type == "type_conflict" })
    #expect(refused.field == "o" && refused.count == 1)
    let shown = await run(url, "show", "id-1")
    #expect(shown.output.contains("refused again 1 times") && shown.output.contains(#"{"o":"a text"}"#))
    let mended = await run(url, "replay", "--fingerprint", refused.fingerprint, "--rename", "o=o_text")
    #expect(mended.exit == .done, "\(mended)")
    #expect(try await count("\(prefix)shop-2023.11.14", url) == 2)
    #expect(try await count("barito-quarantine-\(prefix)shop-2023.11.14", url) == 2)
  }

  @Test("the command says how it is used, and ends with what a script can tell apart")
  func exits() async throws {
    for command in ["list", "show", "replay"] {
      let help = await run("http://127.0.0.1:1", command, "--help")
      #expect(help.exit == .done && help.output.contains("Examples:") && help.output.contains("--elasticsearch-url"))
    }
    for arguments in [
      ["replay"], ["replay", "--rename", "a", "--all"], ["list", "--since", "yesterday"], ["show"],
      ["list", "--limit", "0"],
      ["nothing"], [],
    ] {
      let run = await run("http://127.0.0.1:1", arguments)
      #expect(run.exit == .usage && !run.complaints.isEmpty, "\(arguments)")
    }
    var routes = Routes()
    routes.post("/{path...}", limit: 1 << 20) { _, _ in .json(Array("{}".utf8), status: 403) }
    let server = HTTPServer(HTTPServerConfiguration(address: "127.0.0.1:0"), routes: routes)
    let port = try server.start()
    let forbidden = await run("http://127.0.0.1:\(port)", "list")
    #expect(forbidden.exit == .notAllowed && forbidden.complaints.contains("403"), "\(forbidden)")
    await server.stop()
  }

  @Test("an Elasticsearch that cannot be reached is waited for a little, then the command says so")
  func unreachable() async throws {
    let store = QuarantineStore(
      elasticsearch: ElasticsearchClient(
        url: "http://127.0.0.1:1", authorization: nil, clients: 1, timeout: .seconds(1)),
      naming: TopicNaming(), attempts: 2, backoff: Backoff(base: .milliseconds(1), cap: .milliseconds(2)))
    await #expect(throws: QuarantineError.self) { try await store.refresh() }
    do {
      try await store.refresh()
    } catch {
      #expect(error.code == .unavailable && !error.detail.isEmpty)
    }
  }
}
