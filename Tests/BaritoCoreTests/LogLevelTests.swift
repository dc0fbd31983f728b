import BaritoCore
import Testing

@Suite struct LogLevelTests {
  @Test(
    "levels are read as loggers write them",
    arguments: [
      ("WARN", LogLevel.warning), ("Warning", .warning), ("E", .error), ("fatal", .critical), ("emerg", .critical),
      ("notice", .notice), ("Debug", .debug), ("TRACE", .trace), ("3", .error), ("30", .info), ("60", .critical),
      ("Information", .info),
    ])
  func names(text: String, level: LogLevel) {
    #expect(LogLevel(text) == level)
  }

  @Test("what is no level is none", arguments: ["", "loud", "8", "101", "-1", "warningwarningwarning"])
  func unknown(text: String) {
    #expect(LogLevel(text) == nil)
  }

  @Test(
    "the level of a document is found in any of its usual places",
    arguments: [
      (#"{"a":1,"level":"error"}"#, LogLevel.error), (#"{"SEVERITY":"WARNING"}"#, .warning),
      (#"{"log.level":"info"}"#, .info), (#"{"log":{"x":1,"Level":"debug"}}"#, .debug), (#"{"loglevel":50}"#, .error),
      (#"{"level":"loud","severity":4}"#, .warning), (#"{"log":"text","level":6}"#, .info),
    ])
  func documents(text: String, level: LogLevel) {
    #expect(LogLevel.of(objectAt: 0..<text.utf8.count, in: text.utf8Span.span) == level)
  }

  @Test(
    "a document without a level has none", arguments: [#"{}"#, #"{"levels":"error"}"#, #"{"a":{"level":"error"}}"#])
  func none(text: String) {
    #expect(LogLevel.of(objectAt: 0..<text.utf8.count, in: text.utf8Span.span) == nil)
  }
}

@Suite struct SenderIdentityTests {
  private let headers = [
    RecordHeader.batchID: "chunk", RecordHeader.batchTime: "1700000000000", RecordHeader.batchItem: "4",
  ]

  @Test("a record that carries an id is known by that, with or without a time of its own")
  func sender() throws {
    var own = [RecordHeader.documentID: "a \"b\" é"]
    let plain = try #require(SenderIdentity { own[$0].map { Array($0.utf8) } })
    #expect(plain.id.description == "a \"b\" é")
    #expect(plain.time == nil)
    own[RecordHeader.batchTime] = "1700000000000"
    #expect(SenderIdentity { own[$0].map { Array($0.utf8) } }?.time == 1_700_000_000_000)
    own.merge(headers) { $1 }
    #expect(SenderIdentity { own[$0].map { Array($0.utf8) } }?.id == plain.id)
  }

  @Test(
    "an id that Elasticsearch would not take is none", arguments: [[], [0xFF], [UInt8](repeating: 0x61, count: 513)])
  func refused(id: [UInt8]) {
    #expect(SenderIdentity { $0 == RecordHeader.documentID ? id : nil } == nil)
    #expect(DocumentID(sender: [UInt8](repeating: 0x61, count: 512)) != nil)
  }

  @Test("a record of a named batch is known by its place in it")
  func named() throws {
    let item = try #require(SenderIdentity { headers[$0].map { Array($0.utf8) } })
    #expect(item.id == DocumentID(batch: try BatchID("chunk"), time: 1_700_000_000_000, item: 4))
    #expect(item.time == 1_700_000_000_000)
  }

  @Test(
    "a record that lacks a header, or whose header is not well formed, is known by where it lies",
    arguments: [
      (RecordHeader.batchID, nil), (RecordHeader.batchTime, nil), (RecordHeader.batchItem, "x"),
      (RecordHeader.batchItem, "-1"), (RecordHeader.batchTime, "-5"), (RecordHeader.batchID, "a b"),
    ] as [(String, String?)])
  func unnamed(name: String, value: String?) {
    var headers = headers
    headers[name] = value
    #expect(SenderIdentity { headers[$0].map { Array($0.utf8) } } == nil)
  }
}
