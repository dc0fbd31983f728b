import BaritoCore
import Curl
import Kafka
import KafkaTesting
import Logging
import Synchronization
import TestKit
import Testing

@testable import BaritoTail

@Suite(.timeLimit(.minutes(2))) struct TailServiceTests {
  private func documents(_ numbers: Range<Int>) -> [String] { numbers.map { #"{"n":\#($0)}"# } }

  @Test("a line that comes now is shown now, byte for byte, with the id that it has in Elasticsearch")
  func live() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop")
    try await tail.produce(["{\"n\":0}"], to: app)
    let viewer = tail.tail("app=shop")
    try await viewer.opened()
    let document = #"{"z": 1.50e2, "a":"\u00e9", "a": "é", "n":1}"#
    try await tail.produce([document], to: app, at: aMinuteAgo)
    try await eventually("the line is shown") { try viewer.numbers() == [1] }
    let id = DocumentID(partition: 0, offset: 1, timestamp: aMinuteAgo)
    #expect(
      viewer.text.contains(
        #""app":"shop","at":"\#(timeOf(aMinuteAgo))","id":"\#(id)","line":\#(document)}"# + "\n"))
    await viewer.leave()
    try await eventually("the session is over") {
      tail.log.events.contains { $0.message == "a tail session ended" && $0.metadata["lines"] == "1" }
    }
    await tail.stop()
  }

  @Test("what an app's rules take out is not shown, and no filter finds it")
  func redaction() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop")
    tail.market.state.withLock { state in
      for index in state.page.apps.indices where state.page.apps[index].id == app.id {
        state.page.apps[index].redaction = [
          RedactionRule(name: "CARD", .pattern(#"\b\d{16}\b"#), hintStart: 2),
          RedactionRule(name: "MAIL", .path(".mail")),
        ]
      }
      state.page.version += 1
    }
    let documents = [
      #"{"n":1,"m":"4111111111111111","mail":"ada@example.com"}"#, #"{"n":2,"m":"\u0034111111111111111"}"#,
      #"{"n":3,"m":"nothing"}"#, "text with 4111111111111111",
    ]
    try await tail.produce(documents, to: app, at: aMinuteAgo)
    func shown(_ query: String) async throws -> String {
      let viewer = tail.tail("app=shop&tail=100&follow=false\(query)")
      try await viewer.response()
      return viewer.text
    }
    try await eventually("the rules have come") { try await shown("").contains("[CARD REDACTED]") }
    let all = try await shown("")
    #expect(!all.contains("4111111") && !all.contains("ada@") && !all.contains("text with"))
    #expect(all.contains(#""line":{"n":1,"m":"41[CARD REDACTED]","mail":"[MAIL REDACTED]"}}"#))
    #expect(all.contains(#""line":{"n":3,"m":"nothing"}}"#))
    for filter in ["grep=4111", "grep=ada", "field.mail=ada%40example.com"] {
      #expect(try await shown("&\(filter)").contains(#""line":"#) == false, "\(filter)")
    }
    #expect(try await shown("&grep=CARD").contains(#""n":1"#))
    await tail.stop()
  }

  @Test("server-sent events carry the cursor as their id")
  func serverSentEvents() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop")
    try await tail.produce(documents(0..<2), to: app)
    let viewer = tail.tail("app=shop&tail=1&follow=false", accept: "text/event-stream")
    let response = try await viewer.response()
    #expect(response[header: "Content-Type"] == "text/event-stream")
    let cursor = "v1_\(app.id).2"
    #expect(viewer.text.contains("id: \(cursor)\nevent: line\ndata: {\"app\":\"shop\",\"at\":\""))
    #expect(viewer.text.contains("\"line\":{\"n\":1}}\n\n"))
    #expect(viewer.text.contains("id: \(cursor)\nevent: end\ndata: {\"reason\":\"done\""))
    await tail.stop()
  }

  @Test("from any cursor on, exactly the rest is shown: nothing lost, nothing twice")
  func resume() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop", partitions: 3)
    for start in stride(from: 0, to: 60, by: 3) {
      try await tail.produce(documents(start..<start + 3), to: app, at: aMinuteAgo + Int64(start))
    }
    let first = tail.tail("app=shop&tail=1000&follow=false")
    try await first.response()
    let all = try first.lines()
    try #require(try first.numbers().sorted() == Array(0..<60))
    for index in [0, 1, 17, 40, 58, 59] {
      let again = tail.tail("app=shop&follow=false&cursor=\(all[index].cursor)")
      try await again.response()
      let seen = all[...index].compactMap { $0.line?.n } + (try again.numbers())
      #expect(seen.sorted() == Array(0..<60), "from line \(index) on")
    }
    await tail.stop()
  }

  @Test("a session that was cut off goes on from its last cursor while lines keep coming")
  func resumeLive() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop", partitions: 2)
    let first = tail.tail("app=shop")
    try await first.opened()
    try await tail.produce(documents(0..<10), to: app)
    try await eventually("ten lines") { try first.numbers().count == 10 }
    await first.leave()
    try await tail.produce(documents(10..<20), to: app)
    let cursor = try #require(try first.lines().last?.cursor)
    let second = tail.tail("app=shop&cursor=\(cursor)")
    try await second.opened()
    try await tail.produce(documents(20..<30), to: app)
    try await eventually("twenty lines more") { try second.numbers().count >= 20 }
    #expect(try second.numbers().sorted() == Array(10..<30))
    await second.leave()
    await tail.stop()
  }

  @Test("tail=n shows the last n lines of an app over all its partitions, in order of time")
  func tailN() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop", partitions: 4)
    for number in 0..<40 {
      try await tail.produce(["{\"n\":\(number)}"], to: app, at: aMinuteAgo + Int64(number))
    }
    let viewer = tail.tail("app=shop&tail=7&follow=false")
    try await viewer.response()
    #expect(try viewer.numbers() == Array(33..<40))
    await tail.stop()
  }

  @Test("tail=0 without following shows nothing and ends")
  func tailNothing() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop")
    try await tail.produce(documents(0..<3), to: app)
    let viewer = tail.tail("app=shop&tail=0&follow=false")
    try await viewer.response()
    #expect(try viewer.lines().isEmpty)
    #expect(try viewer.events().last?.end?.reason == "done")
    await tail.stop()
  }

  /// The mock cluster does not find offsets by time.
  @Test(
    "since and until show what lies between, and only a real Kafka can tell", .enabled(if: TailHarness.realKafka != nil)
  )
  func since() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop", partitions: 2)
    let now = aMinuteAgo
    for number in 0..<20 { try await tail.produce(["{\"n\":\(number)}"], to: app, at: now + Int64(number) * 1000) }
    let since = try #require(Timestamp(milliseconds: now + 5000))
    let until = try #require(Timestamp(milliseconds: now + 15_000))
    let viewer = tail.tail("app=shop&since=\(since)&until=\(until)&follow=false")
    try await viewer.response()
    #expect(try viewer.numbers().sorted() == Array(5..<15))
    await tail.stop()
  }

  @Test("several apps come in one stream, each line with its app")
  func apps() async throws {
    let tail = try await TailHarness()
    let (shop, cart) = (try await tail.makeApp("shop"), try await tail.makeApp("cart"))
    let viewer = tail.tail("app=shop&app=cart")
    try await viewer.opened()
    try await tail.produce(documents(0..<1), to: shop)
    try await tail.produce(documents(1..<2), to: cart)
    try await eventually("both lines") { try viewer.lines().count == 2 }
    let found = try Dictionary(uniqueKeysWithValues: viewer.lines().map { ($0.app ?? "", $0.line?.n ?? -1) })
    #expect(found == ["shop": 0, "cart": 1])
    await viewer.leave()
    await tail.stop()
  }

  @Test("filters let through what was asked for")
  func filters() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop")
    try await tail.produce(
      [
        #"{"n":0,"level":"error","message":"timeout","user":{"id":"7"}}"#,
        #"{"n":1,"level":"info","message":"timeout","user":{"id":"7"}}"#,
        #"{"n":2,"level":"fatal","message":"timeout of health","user":{"id":"7"}}"#,
        #"{"n":3,"level":"error","message":"refused","user":{"id":"7"}}"#,
        #"{"n":4,"level":"error","message":"timeout","user":{"id":"8"}}"#,
      ], to: app)
    let viewer = tail.tail(
      "app=shop&tail=10&follow=false&level=warning&grep=time(out)%3F&exclude=health&field.user.id=7")
    try await viewer.response()
    #expect(try viewer.numbers() == [0])
    await tail.stop()
  }

  @Test("a batch that its sender sent twice is shown once")
  func duplicates() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop", partitions: 2)
    let viewer = tail.tail("app=shop")
    try await viewer.opened()
    let headers = (0..<3).map { item in
      [
        KafkaHeader(RecordHeader.batchID, "chunk-1"), KafkaHeader(RecordHeader.batchTime, "1700000000000"),
        KafkaHeader(RecordHeader.batchItem, "\(item)"),
      ]
    }
    for _ in 0..<2 { try await tail.produce(documents(0..<3), to: app, headers: headers) }
    try await tail.produce(documents(3..<6), to: app)
    try await eventually("all lines") { try Set(viewer.numbers()).isSuperset(of: 0..<6) }
    #expect(try viewer.numbers().sorted() == Array(0..<6))
    let id = DocumentID(batch: try BatchID("chunk-1"), time: 1_700_000_000_000, item: 2)
    #expect(try viewer.lines().contains { $0.id == id.description && $0.line?.n == 2 })
    await viewer.leave()
    await tail.stop()
  }

  @Test("an app without a topic is waited for, and its first line is shown", .enabled(if: TailHarness.realKafka == nil))
  func waitsForTopic() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop", partitions: nil)
    let mock = try #require(tail.mock)
    let viewer = tail.tail("app=shop")
    try await eventually("the session waits") { try viewer.events().count > 1 }
    #expect(try viewer.events().last?.cursor == "v1_\(app.id)")
    mock.setTopicError(app.topic, nil)
    try await tail.produce(documents(0..<4), to: app)
    try await eventually("the lines are shown") { try viewer.numbers().sorted() == [0, 1, 2, 3] }
    await viewer.leave()
    await tail.stop()
  }

  @Test("a value that is no JSON is shown as the text of a message, and the stream goes on")
  func otherValues() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop")
    try await tail.produce(["plain \u{1b}[31m text", "[1,2]", "{\"n\":1,\n \"a\":2}"], to: app)
    let viewer = tail.tail("app=shop&tail=10&follow=false")
    try await viewer.response()
    #expect(try viewer.lines().compactMap { $0.line?.message } == ["plain \u{1b}[31m text", "[1,2]"])
    #expect(viewer.text.contains(#""line":{"n":1,  "a":2}}"#))
    await tail.stop()
  }

  @Test("over the rate lines are left out and counted exactly")
  func rate() async throws {
    let tail = try await TailHarness()
    let app = try await tail.makeApp("shop")
    try await tail.produce(documents(0..<500), to: app)
    let viewer = tail.tail("app=shop&tail=1000&follow=false&rate=10")
    try await viewer.response()
    let shown = try viewer.numbers().count
    let skipped = try viewer.events().compactMap { $0.gap?.lines }.reduce(0, +)
    #expect(shown + Int(skipped) == 500)
    #expect(skipped > 400)
    await tail.stop()
  }
}
