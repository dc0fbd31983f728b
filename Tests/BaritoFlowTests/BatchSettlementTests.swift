import BaritoCore
import Curl
import Kafka
import Testing

@testable import BaritoFlow

@Suite struct BatchSettlementTests {
  private static let values: [String?] = [
    #"{"n":N}"#, #"{"poison":N}"#, nil, "text N", "{\"n\":\nN}", #"{"n":N,"long":"X"}"#,
  ]

  private func records(_ random: inout Seeded) -> [TestRecord] {
    (0..<Int.random(in: 1...40, using: &random)).map { place in
      let value = Self.values.randomElement(using: &random) ?? nil
      return TestRecord(
        topic: Bool.random(using: &random) ? "a_logs" : "b_logs", partition: Int32.random(in: 0...2, using: &random),
        offset: Int64(place),
        value: value.map {
          String($0.map { $0 == "N" ? "\(place)" : $0 == "X" ? String(repeating: "x", count: 100) : "\($0)" }.joined())
        })
    }
  }

  @Test("whatever Elasticsearch answers, each record ends once: indexed or in the quarantine", arguments: 0..<60)
  func everyRecordOnce(seed: Int) throws {
    var random = Seeded(UInt64(seed))
    let records = records(&random)
    var model = ModelElasticsearch()
    var revoked: Set<TopicPartition> = []
    var tallied = 0
    var steps = 0
    // What is parked is read again from where it says.
    var left = [records]
    while let some = left.popLast() {
      let batch = RecordBatch.of(some)
      var settlement = BatchSettlement(batch, naming: TopicNaming())
      while let request = settlement.next() {
        steps += 1
        try #require(steps < 2_000, "it does not end")
        #expect(!request.isEmpty)
        let fault =
          steps < 60 && Int.random(in: 0..<3, using: &random) > 0
          ? ModelElasticsearch.Fault.allCases.randomElement(using: &random) : nil
        let (status, body) = model.bulk(request.bytes, fault)
        let answer =
          body.map { BulkAnswer(CurlResponse(status: status, body: Array($0.utf8)), to: request) }
          ?? (Bool.random(using: &random) ? .unknown(reason: "closed") : .suspect(reason: "closed", isSilent: true))
        let reason = settlement.take(answer)
        if case .unknown = answer { #expect(reason != nil) }
        if case .suspect = answer { #expect(reason != nil) }
        if reason != nil, Int.random(in: 0..<12, using: &random) == 0,
          let partition = batch.nextOffsets.keys.sorted(by: { "\($0)" < "\($1)" }).randomElement(using: &random)
        {
          settlement.abandon([partition])
          revoked.insert(partition)
        }
      }
      let kept = Set(try model.quarantined.map { "\($0.topic) \($0.partition) \($0.offset)" })
      for (partition, lane) in settlement.parked {
        #expect(settlement.nextOffsets[partition] == lane.offset && !lane.reason.isEmpty)
        let records = some.filter { TopicPartition($0.topic, $0.partition) == partition }
        for record in records where record.offset < lane.offset {
          #expect(
            model.indexed.contains { $0 == record.value }
              || kept.contains("\(record.topic) \(record.partition) \(record.offset)"),
            "\(record) is stored as finished and is not")
        }
        left.append(records.filter { $0.offset >= lane.offset })
      }
      let done = batch.nextOffsets.filter { settlement.parked[$0.key] == nil && !revoked.contains($0.key) }
      #expect(settlement.nextOffsets.filter { settlement.parked[$0.key] == nil } == done)
      tallied += settlement.tallies.reduce(0) { $0 + $1.indexed + $1.quarantined }
    }
    let quarantined = try model.quarantined
    for record in records where !revoked.contains(TopicPartition(record.topic, record.partition)) {
      let indexed = model.indexed.filter { $0 == record.value }.count
      let kept = quarantined.filter {
        ($0.topic, $0.partition, $0.offset) == (record.topic, record.partition, record.offset)
      }
      #expect(indexed + kept.count == 1, "\(record)")
      if let entry = kept.first { #expect(entry.bytes == record.value ?? "" && !entry.reason.isEmpty) }
    }
    #expect(tallied <= records.count)
  }

  @Test("a lane whose index is read-only is left for later, and its neighbour is finished")
  func parked() throws {
    let records = (0..<6).map { offset in
      TestRecord(topic: offset % 2 == 0 ? "red_logs" : "green_logs", offset: Int64(offset), value: #"{"n":\#(offset)}"#)
    }
    var model = ModelElasticsearch()
    model.readOnly = ["red-"]
    var settlement = BatchSettlement(RecordBatch.of(records), naming: TopicNaming())
    let first = settlement.next()
    let request = try #require(first)
    let (status, body) = model.bulk(request.bytes, nil)
    let reason = settlement.take(BulkAnswer(CurlResponse(status: status, body: Array((body ?? "").utf8)), to: request))
    #expect(reason == nil && settlement.next() == nil)
    let (red, green) = (TopicPartition("red_logs", 0), TopicPartition("green_logs", 0))
    #expect(settlement.parked.keys.map { $0 } == [red] && settlement.parked[red]?.offset == 0)
    #expect(settlement.parked[red]?.reason.contains("read-only") == true)
    #expect(settlement.nextOffsets == [red: 0, green: 6])
    settlement.abandon([red])
    #expect(settlement.parked.isEmpty && settlement.nextOffsets == [green: 6])
  }

  @Test(
    "a line that is never answered and has no neighbours gives its place up, and is given up itself once others are answered"
  )
  func suspectAlone() throws {
    for (answered, isKept) in [(0, false), (1, true)] {
      var settlement = BatchSettlement(.of([TestRecord(offset: 7)]), naming: TopicNaming())
      var attempts = 0
      while let request = settlement.next(), attempts < 100 {
        attempts += 1
        let isEntry = request.addresses[0].index.hasPrefix(QuarantineEntry.indexPrefix)
        _ =
          isEntry
          ? settlement.take(BulkAnswer(created(request), to: request))
          : settlement.take(.suspect(reason: "closed", isSilent: true), answered: attempts > 3 ? answered : 0)
      }
      #expect(attempts < 100 && settlement.next() == nil, "it goes on for ever")
      #expect(settlement.tallies.map(\.quarantined) == [isKept ? 1 : 0])
      #expect(settlement.parked[TopicPartition("shop_logs", 0)]?.offset == (isKept ? nil : 7))
    }
  }

  @Test(
    "a line that the server fails over for long goes to the quarantine where its neighbours are taken, and waits elsewhere",
    arguments: [(true, true, true), (true, false, false), (false, true, false)])
  func hopeless(isOverdue: Bool, areNeighboursTaken: Bool, isKept: Bool) throws {
    let lane = TopicPartition("shop_logs", 0)
    let records = (0..<3).map { TestRecord(offset: $0, value: #"{"n":\#($0)}"#) }
    var settlement = BatchSettlement(.of(records), naming: TopicNaming(), overdue: isOverdue ? [lane: [1]] : [:])
    let first = settlement.next()
    let request = try #require(first)
    let items = request.addresses.enumerated().map { place, address in
      place == 1 || !areNeighboursTaken
        ? #"{"create":{"_id":"\#(address.id)","status":500,"error":{"type":"null_pointer_exception","reason":"oops"}}}"#
        : #"{"create":{"_id":"\#(address.id)","status":201}}"#
    }
    let answer = #"{"items":[\#(items.joined(separator: ","))]}"#
    #expect(settlement.take(BulkAnswer(CurlResponse(status: 200, body: Array(answer.utf8)), to: request)) == nil)
    guard isKept else {
      #expect(settlement.next() == nil && settlement.parked[lane]?.offset == (areNeighboursTaken ? 1 : 0))
      #expect(settlement.parked[lane]?.cause == .failing)
      return
    }
    let second = settlement.next()
    let entry = try #require(second)
    #expect(settlement.parked.isEmpty && entry.addresses[0].index.hasPrefix(QuarantineEntry.indexPrefix))
    _ = settlement.take(BulkAnswer(created(entry), to: entry))
    #expect(settlement.next() == nil && settlement.nextOffsets == [lane: 3])
    #expect(settlement.tallies == [.init(indexed: 2, refusals: [.requestRefused: 1])])
  }

  @Test("each of the many lines of one record is refused for itself")
  func manyOfOneRecord() throws {
    // TimberCollection with two items {"n": "a"} each.
    let content: [UInt8] = [0x0A, 0x08, 0x0A, 0x01, 0x6E, 0x12, 0x03, 0x1A, 0x01, 0x61]
    let timber = [0x1A, UInt8(content.count)] + content
    let value = ([0x12, UInt8(timber.count)] + timber) + ([0x12, UInt8(timber.count)] + timber)
    var settlement = BatchSettlement(
      .of(bytes: [(value, [("message_format", "TimberCollection")])]), naming: TopicNaming())
    var attempts = 0
    while let request = settlement.next(), attempts < 100 {
      attempts += 1
      let isEntry = request.addresses[0].index.hasPrefix(QuarantineEntry.indexPrefix)
      _ = settlement.take(isEntry ? BulkAnswer(created(request), to: request) : .split(reason: "400: no"))
    }
    #expect(attempts < 100 && settlement.tallies.map(\.quarantined) == [2])
  }

  private func created(_ request: BulkRequest) -> CurlResponse {
    let items = request.addresses.map { #"{"create":{"_id":"\#($0.id)","status":201}}"# }.joined(separator: ",")
    return CurlResponse(status: 200, body: Array(#"{"errors":false,"items":[\#(items)]}"#.utf8))
  }

  @Test("a record that is redelivered after a crash makes no second document")
  func again() throws {
    let batch = RecordBatch.of((0..<5).map { TestRecord(offset: $0, value: #"{"n":\#($0)}"#) })
    var model = ModelElasticsearch()
    var tallies: [BatchSettlement.Tally] = []
    for _ in 0..<2 {
      var settlement = BatchSettlement(batch, naming: TopicNaming())
      while let request = settlement.next() {
        let (status, body) = model.bulk(request.bytes, nil)
        _ = settlement.take(BulkAnswer(CurlResponse(status: status, body: Array((body ?? "").utf8)), to: request))
      }
      tallies += settlement.tallies
    }
    #expect(model.indexed.count == 5)
    #expect(tallies == [.init(indexed: 5), .init(duplicates: 5)])
  }

  @Test("a line that is too large even alone is kept shortened, with its size")
  func tooLarge() throws {
    let value = #"{"a":"\#(String(repeating: "x", count: 200_000))"}"#
    var settlement = BatchSettlement(
      .of([TestRecord(offset: 1), TestRecord(offset: 2, value: value)]), naming: TopicNaming())
    var model = ModelElasticsearch()
    while let request = settlement.next() {
      let (status, body) = model.bulk(request.bytes, request.bytes.count > 150_000 ? .tooLarge : nil)
      _ = settlement.take(BulkAnswer(CurlResponse(status: status, body: Array((body ?? "").utf8)), to: request))
    }
    let entry = try #require(try model.quarantined.first)
    #expect(entry.rawBytes == value.utf8.count && entry.bytes?.utf8.count == QuarantineEntry.shortenedBytes)
    #expect(model.indexed == ["{}"])
  }

  private static let lane = TopicPartition("shop_logs", 0)
  /// Answers, or none, to whoever sends the line that does not get through.
  private static let nothings: [(status: Int, body: String)?] = [
    nil, (504, ""), (403, "<html>Request blocked</html>"), (500, "{}"), (200, #"{"took":1}"#),
  ]

  /// Delivers 50 records, of which the killers do not get through, however they are put, and the texts are no JSON.
  private func deliver(
    _ nothing: (status: Int, body: String)?, overdue: [TopicPartition: Set<Int64>], killers: Set<Int64> = [33],
    texts: Set<Int64> = []
  ) throws -> (settlement: BatchSettlement, model: ModelElasticsearch) {
    let records = (0..<50 as Range<Int64>).map { offset in
      TestRecord(
        offset: offset,
        value: texts.contains(offset)
          ? "text" : killers.contains(offset) ? #"{"killer":"jndi:evil"}"# : #"{"n":\#(offset)}"#)
    }
    var settlement = BatchSettlement(.of(records), naming: TopicNaming(), overdue: overdue)
    var model = ModelElasticsearch()
    var steps = 0
    while let request = settlement.next() {
      steps += 1
      try #require(steps < 500, "it does not end")
      if request.text.contains("jndi:evil") {
        let answer = nothing.map { BulkAnswer(CurlResponse(status: $0.status, body: Array($0.body.utf8)), to: request) }
        #expect(settlement.take(answer ?? .suspect(reason: "closed", isSilent: true)) != nil)
        continue
      }
      let (status, body) = model.bulk(request.bytes, nil)
      _ = settlement.take(BulkAnswer(CurlResponse(status: status, body: Array((body ?? "").utf8)), to: request))
    }
    return (settlement, model)
  }

  @Test(
    "a line that the server breaks over, or that a gateway has not let pass for long, is found and put into the quarantine, and its neighbours are indexed",
    arguments: nothings)
  func killer(nothing: (status: Int, body: String)?) throws {
    let (settlement, model) = try deliver(nothing, overdue: [Self.lane: [33]])
    #expect(model.indexed.count == 49)
    let entry = try #require(try model.quarantined.first)
    #expect(entry.offset == 33 && entry.bytes == #"{"killer":"jndi:evil"}"# && entry.type == "request_refused")
    #expect(settlement.nextOffsets == [Self.lane: 50])
    #expect(settlement.tallies == [.init(indexed: 49, refusals: [.requestRefused: 1])])
  }

  @Test(
    "a line that a gateway does not let pass is waited for until it has held its lane up for long, and holds up nobody else",
    arguments: nothings.suffix(3), [[:], [lane: [32]]] as [[TopicPartition: Set<Int64>]])
  func gateway(nothing: (status: Int, body: String)?, overdue: [TopicPartition: Set<Int64>]) throws {
    let (settlement, model) = try deliver(nothing, overdue: overdue)
    #expect(try model.indexed.count >= 33 && model.quarantined.isEmpty)
    #expect(settlement.parked[Self.lane]?.offset == 33 && settlement.parked[Self.lane]?.cause == .failing)
    #expect(settlement.nextOffsets == [Self.lane: 33])
  }

  @Test("each of the lines that do not get through is given up in its turn, and what is refused before them is kept")
  func killers() throws {
    let gateway = (status: 403, body: "<html>Request blocked</html>")
    func delivered(_ overdue: Set<Int64>) throws -> (stop: Int64?, kept: Set<Int64>, indexed: Int) {
      let (settlement, model) = try deliver(gateway, overdue: [Self.lane: overdue], killers: [10, 40], texts: [5])
      #expect(settlement.nextOffsets == [Self.lane: settlement.parked[Self.lane]?.offset ?? 50])
      return (settlement.parked[Self.lane]?.offset, Set(try model.quarantined.map(\.offset)), model.indexed.count)
    }
    let first = try delivered([])
    #expect(first.stop == 10 && first.kept == [5] && first.indexed >= 9)
    let second = try delivered([10])
    #expect(second.stop == 40 && second.kept == [5, 10] && second.indexed >= 38)
    let third = try delivered([10, 40])
    #expect(third.stop == nil && third.kept == [5, 10, 40] && third.indexed == 47)
  }

  @Test("an entry of the quarantine that gets no answer gives its place up, and its record is read again")
  func entryWithoutAnswer() throws {
    var settlement = BatchSettlement(.of([TestRecord(offset: 7, value: "text")]), naming: TopicNaming())
    var attempts = 0
    while settlement.next() != nil, attempts < 100 {
      attempts += 1
      _ = settlement.take(.suspect(reason: "closed", isSilent: true), answered: attempts)
    }
    #expect(attempts < 100 && settlement.tallies == [.init()])
    #expect(settlement.parked[Self.lane]?.offset == 7 && settlement.nextOffsets == [Self.lane: 7])
  }

  @Test("a server that answers nobody for long puts nothing into the quarantine")
  func silentServer() throws {
    let records = (0..<20).map { TestRecord(offset: $0, value: #"{"n":\#($0)}"#) }
    var settlement = BatchSettlement(.of(records), naming: TopicNaming())
    var attempts = 0
    while settlement.next() != nil, attempts < 2_000 {
      attempts += 1
      #expect(settlement.take(.suspect(reason: "closed", isSilent: true)) != nil)
    }
    // Left for later, all of it.
    #expect(attempts > 20 && settlement.tallies == [.init()])
    #expect(settlement.parked[TopicPartition("shop_logs", 0)]?.offset == 0)
    var model = ModelElasticsearch()
    settlement = BatchSettlement(.of(records), naming: TopicNaming())
    while let request = settlement.next() {
      let (status, body) = model.bulk(request.bytes, nil)
      _ = settlement.take(BulkAnswer(CurlResponse(status: status, body: Array((body ?? "").utf8)), to: request))
    }
    #expect(model.indexed.count == 20 && settlement.tallies == [.init(indexed: 20)])
  }

  @Test(
    "a quarantine that refuses an entry holds up its lane and nobody else; nothing is dropped", arguments: [200, 400])
  func quarantineRefuses(status: Int) {
    var settlement = BatchSettlement(
      .of([TestRecord(offset: 3, value: "text"), TestRecord(partition: 1, offset: 8)]), naming: TopicNaming())
    var steps = 0
    while let request = settlement.next(), steps < 50 {
      steps += 1
      let isEntry = request.addresses[0].index.hasPrefix(QuarantineEntry.indexPrefix)
      let refusal = #"{"items":[{"create":{"status":400,"error":{"type":"t","reason":"closed to all"}}}]}"#
      _ = settlement.take(
        BulkAnswer(
          isEntry ? CurlResponse(status: status, body: Array(refusal.utf8)) : created(request), to: request))
    }
    #expect(settlement.next() == nil && settlement.nextOffsets == [Self.lane: 3, TopicPartition("shop_logs", 1): 9])
    #expect(settlement.parked.keys.map { $0 } == [Self.lane])
    #expect(settlement.parked[Self.lane]?.reason.contains("closed to all") == true)
    #expect(settlement.tallies == [.init(indexed: 1)])
  }

  @Test("records of a partition that was taken away are not put into the quarantine either")
  func revokedPoison() {
    var settlement = BatchSettlement(
      .of([TestRecord(value: #"{"poison":1}"#), TestRecord(partition: 1, value: "{}")]), naming: TopicNaming())
    var model = ModelElasticsearch()
    while let request = settlement.next() {
      let (status, body) = model.bulk(request.bytes, nil)
      _ = settlement.take(BulkAnswer(CurlResponse(status: status, body: Array((body ?? "").utf8)), to: request))
      settlement.abandon([TopicPartition("shop_logs", 0)])
    }
    #expect(model.documents.keys.sorted() == ["shop-2023.11.14"])
    #expect(settlement.nextOffsets == [TopicPartition("shop_logs", 1): 1])
  }
}
