import BaritoCore
import BaritoService
import Curl
import FoundationEssentials
import Kafka
import TestKit
import Testing

@testable import BaritoFlow

/// The real program between a real Kafka and a real Elasticsearch, where the environment names them.
@Suite(
  .timeLimit(.minutes(6)), .serialized,
  .enabled(
    if: environmentVariable("BARITO_TEST_KAFKA") != nil && environmentVariable("BARITO_TEST_ELASTICSEARCH") != nil))
struct PoisonTests {
  private let kafka = environmentVariable("BARITO_TEST_KAFKA") ?? ""
  private let elasticsearch = environmentVariable("BARITO_TEST_ELASTICSEARCH") ?? ""
  /// A prefix that no other test has.
  private let prefix = "p\(UInt32.random(in: 0...UInt32.max))."
  /// 2023-11-14T22:13:20Z
  private let time: Int64 = 1_700_000_000_000

  private var topic: String { "\(prefix)shop_logs" }
  private var index: String { "\(prefix)shop-2023.11.14" }

  private var client: ElasticsearchClient {
    ElasticsearchClient(url: elasticsearch, authorization: nil, clients: 1, timeout: .seconds(60))
  }

  @Test("every poison ends indexed or in the quarantine with a reason, its neighbours are indexed, nothing is doubled")
  func small() async throws { try await survive(Poison.small) }

  @Test("so does what is too large, too deep or too wide for a server")
  func large() async throws { try await survive(Poison.large) }

  /// Sends good lines with a poison between each two, and holds what becomes of them against what was sent.
  private func survive(_ poisons: [Poison]) async throws {
    var records = [TestRecord(value: #"{"good":0}"#)]
    for (place, poison) in poisons.enumerated() {
      records.append(TestRecord(bytes: poison.value, headers: poison.headers))
      records.append(TestRecord(value: #"{"good":\#(place + 1)}"#))
    }
    for place in records.indices {
      (records[place].topic, records[place].offset, records[place].timestamp) = (topic, Int64(place), time)
      records[place].bytes = records[place].bytes ?? Array((records[place].value ?? "").utf8)
    }
    try await send(records)
    try await flow("first") { try await self.finished(records.count, by: "first") }
    let outcome = try await ends()
    for (place, record) in records.enumerated() {
      let name = place % 2 == 1 ? poisons[place / 2].name : "good line \(place / 2)"
      let id = DocumentAddress(RecordBatch.of([record]).records[0], in: .of([record])).id.description
      let (document, entry) = (outcome.documents[id], outcome.entries[record.offset])
      #expect((document == nil) != (entry == nil), "\(name): \(document == nil ? "nowhere" : "twice")")
      if place % 2 == 0 { #expect(document == record.bytes, "\(name)") }
      if let document { #expect(isSame(document, as: record.bytes ?? []), "\(name) changed: \(text(document))") }
      if let entry {
        #expect(
          entry.raw == record.bytes && !entry.refusal.reason.isEmpty && entry.id == id, "\(name): \(entry.refusal)")
        #expect(entry.index == index && entry.topic == topic, "\(name)")
      }
    }
    #expect(outcome.documents.count + outcome.entries.count == records.count)
    // Read again from the beginning, as after a crash that lost the offsets.
    try await flow("second") { try await self.finished(records.count, by: "second") }
    let again = try await ends()
    #expect(again.documents.count == outcome.documents.count && again.entries.count == outcome.entries.count)
  }

  /// Byte for byte; or every value is in it byte for byte, and what the mapping does not take stands in the side field.
  private func isSame(_ document: [UInt8], as line: [UInt8]) -> Bool {
    if document == line { return true }
    guard document.firstRange(of: Array("\"\(SideField.name)\":".utf8)) != nil,
      let root = try? JSONScanner.validate(line.span)
    else { return false }
    var members = JSONMembers(of: root.range)
    while let member = try? members.next(in: line.span) {
      guard document.firstRange(of: line[member.value.range]) != nil else { return false }
    }
    return true
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix(300), as: UTF8.self) }

  private func send(_ records: [TestRecord]) async throws {
    let configuration = KafkaConfiguration(
      brokers: kafka, clientID: "poison", properties: ["message.max.bytes": "100000000"])
    let admin = try KafkaAdmin(configuration)
    _ = try await admin.createTopic(topic, configuration: ["max.message.bytes": "100000000", "retention.ms": "-1"])
    await admin.close()
    let producer = try KafkaProducer(configuration)
    for record in records {
      let headers = record.headers.map { KafkaHeader($0.0, $0.1) }
      try await producer.send(record.bytes ?? [], to: topic, timestamp: record.timestamp, headers: headers)
    }
    await producer.close(within: .seconds(20))
  }

  /// Runs Flow in a consumer group of its own until something is true.
  private func flow(_ group: String, _ body: () async throws -> Void) async throws {
    let folder = try makeTemporaryFolder()
    defer { removeFolder(folder) }
    let admin = try freePorts(1)[0]
    // No app has rules for what is to be redacted: without knowing, Flow would read nothing.
    let snapshot = "\(folder)/snapshot"
    try Data(try WireJSON.encode(ProfilePage(version: 1))).write(to: URL(filePath: snapshot))
    let process = try ChildProcess(
      "flow", "\(programFolder)/barito-flow",
      [
        "--kafka-brokers", kafka, "--elasticsearch-url", elasticsearch, "--topic-prefix", prefix, "--kafka-group",
        prefix + group, "--market-url", "http://127.0.0.1:1", "--service-token", String(repeating: "x", count: 40),
        "--admin-address", "127.0.0.1:\(admin)", "--log-format", "text", "--snapshot-path", snapshot,
      ], output: "\(folder)/log")
    do {
      try await body()
    } catch {
      Issue.record("\(error)\n\(process.lastOutput)")
    }
    await process.stop()
  }

  /// Waits until the offsets behind every record are stored.
  private func finished(_ count: Int, by group: String) async throws {
    var configuration = KafkaConfiguration(brokers: kafka, clientID: "poison-offsets")
    configuration.consumer.group = prefix + group
    let consumer = try KafkaConsumer(configuration)
    let partition = TopicPartition(topic, 0)
    try await eventually(within: .seconds(150), "all \(count) offsets are stored") {
      try await Task.sleep(for: .milliseconds(300))
      // The group may have no coordinator yet.
      return (try? await consumer.committed([partition]))?[partition] == Int64(count)
    }
    await consumer.close(within: .seconds(5))
  }

  /// What lies in Elasticsearch: documents by id, entries by offset.
  private func ends() async throws -> (documents: [String: [UInt8]], entries: [Int64: QuarantineEntry]) {
    for name in [index, "barito-quarantine-\(index)"] {
      let refreshed = try await client.post("/\(name)/_refresh", [], type: "application/json")
      #expect(refreshed.isSuccess && !refreshed.text.contains(#""failed":1"#), "\(refreshed.text)")
    }
    var documents: [String: [UInt8]] = [:]
    // A few at a time, because some are long.
    for from in stride(from: 0, to: 1_000, by: 10) {
      let response = try await client.get("/\(index)/_search?size=10&from=\(from)")
      let body = response.body
      let root = try JSONScanner.validate(body.span)
      let found = try QuarantineSearch.member(["hits", "hits"], of: root, body.span)
      let hits = try #require(found, "\(response.text)")
      var list = JSONElements(of: hits.range)
      var isEmpty = true
      while let hit = try list.next(in: body.span) {
        isEmpty = false
        let id = try QuarantineSearch.member(["_id"], of: hit, body.span)?.string(in: body.span)
        let source = try QuarantineSearch.member(["_source"], of: hit, body.span)
        documents[try #require(id)] = Array(body[try #require(source).range])
      }
      if isEmpty { break }
    }
    var entries: [Int64: QuarantineEntry] = [:]
    let store = QuarantineStore(elasticsearch: client, naming: TopicNaming(prefix: prefix))
    var after: [UInt8]?
    repeat {
      let page = try await store.page(QuarantineFilter(topic: topic), after: after, size: 5)
      for hit in page.hits {
        #expect(entries.updateValue(hit.entry, forKey: hit.entry.offset) == nil, "\(hit.entry.offset) twice")
      }
      after = page.next
    } while after != nil
    return (documents, entries)
  }
}
