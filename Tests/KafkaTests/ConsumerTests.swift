import Kafka
import KafkaTesting
import Testing

@Suite("Consuming", .timeLimit(.minutes(1)))
struct ConsumerTests {
  let broker = TestBroker()

  @Test("a batch keeps bytes, keys, headers, tombstones and timestamps")
  func batchKeepsEverything() async throws {
    let topic = try await broker.makeTopic()
    let producer = try KafkaProducer(broker.configuration())
    let every = (0...255).map { UInt8($0) }
    let (ticket, time) = (DeliveryTicket(), recent())
    let messages = [
      ProducerMessage(value: 0..<256, key: 65..<68, headers: [KafkaHeader("item", "0"), KafkaHeader("empty", "")]),
      ProducerMessage(value: nil, key: 65..<66),
      ProducerMessage(value: 0..<0),
    ]
    try producer.produce(
      messages, in: every.span, to: topic, timestamp: time, headers: [KafkaHeader("batch", [0, 255])],
      ticket: ticket)
    try await ticket.result.get()
    let consumer = try KafkaConsumer(broker.configuration())
    try await consumer.assign([TopicPartition(topic, 0): .beginning])
    let batch = try await consumer.nextBatch(wait: .seconds(20))
    let records = batch.records
    #expect(batch.topics == [topic])
    try #require(records.map(\.offset) == [0, 1, 2])
    #expect(Array(batch.bytes[records[0].value]) == every)
    #expect(batch.value(records[0]).count == 256)
    #expect(Array(batch.bytes[records[0].key]) == Array("ABC".utf8))
    #expect(records.map(\.isTombstone) == [false, true, false])
    #expect(records.map(\.hasKey) == [true, true, false])
    #expect(batch.header("batch", of: records[2]) == [0, 255])
    #expect(batch.header("item", of: records[0]) == [UInt8(ascii: "0")])
    #expect(batch.header("item", of: records[1]) == nil)
    #expect(batch.headers(of: records[0]).map(\.name) == ["batch", "item", "empty"])
    #expect(batch.header("empty", of: records[0]) == [])
    #expect(records.map(\.timestamp) == [time, time, time])
    #expect(records[0].timestampKind == .created)
    #expect(batch.nextOffsets == [TopicPartition(topic, 0): 3])

    try await producer.produce(["abc"], to: topic)
    let plain = try await consumer.nextBatch(wait: .seconds(20))
    #expect(plain.records.map { plain.text($0) } == ["abc"])
    #expect(plain.records.map(\.hasHeaders) == [false])
    #expect(try #require(plain.records.first).timestamp > time)
    #expect(plain.nextOffsets == [TopicPartition(topic, 0): 4])
    #expect(await consumer.close(within: .seconds(5)))
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("a second consumer starts from what the first has stored")
  func storedOffsetsAreWhereTheNextStarts() async throws {
    let topic = try await broker.makeTopic()
    let producer = try KafkaProducer(broker.configuration())
    try await producer.produce((0..<10).map { "line \($0)" }, to: topic)
    let configuration = broker.configuration(group: broker.name("group"))
    let partition = TopicPartition(topic, 0)

    let first = try KafkaConsumer(configuration)
    try await first.subscribe([topic])
    #expect(try await first.read(10).count == 10)
    #expect(await first.assignment == [partition])
    try await first.store([partition: 4])
    try await first.store([partition: 11])
    try await first.commit()
    #expect(try await first.committed([partition]) == [partition: 4])
    try await first.store([partition: 6])
    #expect(await first.close(within: .seconds(10)))

    let second = try KafkaConsumer(configuration)
    try await second.subscribe([topic])
    #expect(try await second.read(4) == (6..<10).map { "line \($0)" })
    #expect(await second.close(within: .seconds(10)))
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("reading begins where assign says")
  func assignStarts() async throws {
    let topic = try await broker.makeTopic(partitions: 3)
    let producer = try KafkaProducer(broker.configuration())
    let parts = (0..<3).map { TopicPartition(topic, $0) }
    let consumer = try KafkaConsumer(broker.configuration())
    // Messages with different keys, so that every partition gets some.
    let keys = Values((0..<60).map(String.init))
    let ticket = DeliveryTicket()
    try producer.produce(
      keys.ranges.map { ProducerMessage(value: $0, key: $0) }, in: keys.bytes.span, to: topic, ticket: ticket)
    let ranges = try await ticket.result.get().ranges
    let counts = Dictionary(uniqueKeysWithValues: ranges.map { ($0.partition, Int64($0.count)) })
    try #require(counts.count == 3 && counts.values.allSatisfy { $0 > 2 })
    for part in parts { #expect(try await consumer.watermarks(part) == 0..<(counts[part.partition] ?? -1)) }
    #expect(
      try await consumer.ends(of: parts)
        == Dictionary(uniqueKeysWithValues: parts.map { ($0, counts[$0.partition] ?? -1) }))

    try await consumer.assign([parts[0]: .offset(2), parts[1]: .end, parts[2]: .beginning])
    let expected = counts[0]! - 2 + counts[2]!
    var (next, offsets) = ([TopicPartition: Int64](), [TopicPartition: Int64]())
    var seen = 0
    try await eventually("the records") {
      let batch = try await consumer.nextBatch()
      for record in batch.records {
        offsets[batch.topicPartition(of: record)] = min(
          offsets[batch.topicPartition(of: record)] ?? .max, record.offset)
      }
      next.merge(batch.nextOffsets) { $1 }
      seen += batch.count
      return seen >= expected
    }
    #expect(Int64(seen) == expected)
    #expect(offsets == [parts[0]: 2, parts[2]: 0])
    #expect(next == [parts[0]: counts[0]!, parts[2]: counts[2]!])
    #expect(try await consumer.positions() == next)
    #expect(try await consumer.lag() == [parts[0]: 0, parts[2]: 0])

    // From the end come only records sent from now on.
    var fresh: [Int64] = []
    try await eventually("a new record at the end") {
      try await producer.produce((0..<30).map { "new \($0)" }, to: topic)
      let batch = try await consumer.nextBatch(wait: .milliseconds(300))
      for record in batch.records where record.partition == 1 { fresh.append(record.offset) }
      return !fresh.isEmpty
    }
    #expect(fresh.min()! >= counts[1]!)
    #expect(await consumer.close(within: .seconds(5)))
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test(
    "a time leads to the first record that is not older", .enabled(if: TestBroker.real != nil, TestBroker.needsReal))
  func offsetsOfTimes() async throws {
    let topic = try await broker.makeTopic()
    let producer = try KafkaProducer(broker.configuration())
    let first = recent()
    for step in 0..<5 {
      try await producer.send([UInt8(step)], to: topic, timestamp: first + Int64(step) * 1000)
    }
    let part = TopicPartition(topic, 0)
    let consumer = try KafkaConsumer(broker.configuration())
    #expect(try await consumer.offsets(for: [part: first]) == [part: 0])
    #expect(try await consumer.offsets(for: [part: first + 1001]) == [part: 2])
    #expect(try await consumer.offsets(for: [part: first + 5000]) == [part: nil])
    #expect(await consumer.close(within: .seconds(5)))
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("a batch ends at its limits, and the next one goes on there")
  func limits() async throws {
    let topic = try await broker.makeTopic()
    let producer = try KafkaProducer(broker.configuration())
    try await producer.produce((0..<20).map { "0123456\($0 % 10)" }, to: topic)
    let consumer = try KafkaConsumer(broker.configuration())
    try await consumer.assign([TopicPartition(topic, 0): .beginning])
    let three = try await consumer.nextBatch(maxRecords: 3, wait: .seconds(20))
    #expect(three.records.map(\.offset) == [0, 1, 2])
    let two = try await consumer.nextBatch(maxBytes: 9, wait: .seconds(20))
    #expect(two.records.map(\.offset) == [3, 4])
    #expect((two.count, two.byteCount) == (2, 16))
    let none = try await KafkaConsumer(broker.configuration()).nextBatch(wait: .milliseconds(1))
    #expect(none.isEmpty)
    #expect(await consumer.close(within: .seconds(5)))
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("a paused partition is silent until it is resumed, and loses nothing")
  func pause() async throws {
    let topic = try await broker.makeTopic(partitions: 2)
    let producer = try KafkaProducer(broker.configuration())
    let parts = [TopicPartition(topic, 0), TopicPartition(topic, 1)]
    let keys = Values((0..<40).map(String.init))
    let ticket = DeliveryTicket()
    try producer.produce(
      keys.ranges.map { ProducerMessage(value: $0, key: $0) }, in: keys.bytes.span, to: topic, ticket: ticket)
    let ranges = try await ticket.result.get().ranges
    let first = try #require(ranges.first { $0.partition == 0 }?.count)
    let consumer = try KafkaConsumer(broker.configuration())
    try await consumer.assign([parts[0]: .beginning, parts[1]: .beginning])
    try await consumer.pause([parts[1]])
    var offsets: [TopicPartition: [Int64]] = [:]
    func read(_ count: Int) async throws {
      try await eventually("\(count) records") {
        let batch = try await consumer.nextBatch(maxRecords: 7)
        for record in batch.records { offsets[batch.topicPartition(of: record), default: []].append(record.offset) }
        return offsets.values.reduce(0) { $0 + $1.count } >= count
      }
    }
    try await read(first)
    #expect(offsets[parts[1]] == nil)
    // keepAlive and what follows it leave the partition as it was.
    #expect(try await consumer.keepAlive() == [])
    #expect(try await consumer.nextBatch().isEmpty)
    try await consumer.resume([parts[1]])
    try await read(40)
    #expect(offsets[parts[0]] == Array(0..<Int64(first)))
    #expect(offsets[parts[1]] == Array(0..<Int64(40 - first)))
    #expect(await consumer.close(within: .seconds(5)))
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("what is suspended is read again from where it is rewound to, each record once, while others go on")
  func suspended() async throws {
    let topic = try await broker.makeTopic(partitions: 2)
    let producer = try KafkaProducer(broker.configuration())
    let parts = [TopicPartition(topic, 0), TopicPartition(topic, 1)]
    let keys = Values((0..<60).map(String.init))
    let ticket = DeliveryTicket()
    try producer.produce(
      keys.ranges.map { ProducerMessage(value: $0, key: $0) }, in: keys.bytes.span, to: topic, ticket: ticket)
    let first = Int64(try #require(try await ticket.result.get().ranges.first { $0.partition == 0 }?.count))
    let second = 60 - first
    let consumer = try KafkaConsumer(broker.configuration())
    try await consumer.assign([parts[0]: .beginning, parts[1]: .beginning])
    var offsets: [TopicPartition: [Int64]] = [:]
    func read(until isDone: () -> Bool) async throws {
      try await eventually("records") {
        let batch = try await consumer.nextBatch(maxRecords: 7)
        for record in batch.records { offsets[batch.topicPartition(of: record), default: []].append(record.offset) }
        return isDone()
      }
    }
    try await read { (offsets[parts[0]]?.count ?? 0) >= 5 }
    // Suspended with records read ahead: none of them comes as long as nothing is rewound.
    _ = try await consumer.keepAlive()
    try await consumer.suspend([parts[0]])
    offsets[parts[0]] = []
    try await read { offsets[parts[1]]?.last == second - 1 }
    #expect(offsets[parts[0]] == [])
    #expect(offsets[parts[1]] == Array(0..<second))
    try await consumer.rewind([parts[0]: 3])
    try await read { offsets[parts[0]]?.last == first - 1 }
    #expect(offsets[parts[0]] == Array(3..<first))
    // Not suspended any more: left alone.
    try await consumer.rewind([parts[0]: 0])
    #expect(try await consumer.nextBatch(wait: .milliseconds(300)).isEmpty)
    #expect(await consumer.close(within: .seconds(5)))
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("what is rewound and held back before any record came is read from where it was rewound to")
  func rewoundAndHeld() async throws {
    let topic = try await broker.makeTopic()
    let producer = try KafkaProducer(broker.configuration())
    try await producer.produce((0..<40).map { "line \($0)" }, to: topic)
    let part = TopicPartition(topic, 0)
    let consumer = try KafkaConsumer(broker.configuration())
    try await consumer.assign([part: .beginning])
    _ = try await consumer.read(30)
    try await consumer.suspend([part])
    try await consumer.rewind([part: 7])
    // Nothing was polled since.
    _ = try await consumer.keepAlive()
    try await consumer.hold([topic])
    #expect(try await consumer.nextBatch(wait: .milliseconds(300)).isEmpty)
    try await consumer.hold([])
    var offsets: [Int64] = []
    try await eventually("the rest") {
      offsets += try await consumer.nextBatch(maxRecords: 5).records.map(\.offset)
      return offsets.last == 39
    }
    #expect(offsets == Array(7..<40))
    #expect(await consumer.close(within: .seconds(5)))
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("topics that are held back give no record until they are let go, then each once, while others go on")
  func held() async throws {
    let topics = [try await broker.makeTopic(), try await broker.makeTopic()]
    let producer = try KafkaProducer(broker.configuration())
    for topic in topics { try await producer.produce((0..<50).map { "line \($0)" }, to: topic) }
    let consumer = try KafkaConsumer(broker.configuration())
    try await consumer.assign([TopicPartition(topics[0], 0): .beginning, TopicPartition(topics[1], 0): .beginning])
    var offsets: [String: [Int64]] = [:]
    func read(until isDone: () -> Bool) async throws {
      try await eventually("records") {
        let batch = try await consumer.nextBatch(maxRecords: 7)
        for record in batch.records { offsets[batch.topic(of: record), default: []].append(record.offset) }
        return isDone()
      }
    }
    try await read { (offsets[topics[0]]?.count ?? 0) >= 5 }
    try await consumer.hold([topics[0]])
    let before = offsets[topics[0]]
    try await read { offsets[topics[1]]?.last == 49 }
    #expect(try await consumer.nextBatch(wait: .milliseconds(300)).isEmpty)
    #expect(offsets[topics[0]] == before)
    try await consumer.hold([])
    try await read { offsets[topics[0]]?.last == 49 }
    for topic in topics { #expect(offsets[topic] == Array(0..<50)) }
    #expect(await consumer.close(within: .seconds(5)))
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("keepAlive between batches neither loses nor repeats a record")
  func keepAliveKeepsPlace() async throws {
    let topic = try await broker.makeTopic()
    let producer = try KafkaProducer(broker.configuration())
    let lines = (0..<100).map { "line \($0)" }
    try await producer.produce(lines, to: topic)
    let consumer = try KafkaConsumer(broker.configuration())
    try await consumer.assign([TopicPartition(topic, 0): .beginning])
    var seen: [String] = []
    try await eventually("all records") {
      let batch = try await consumer.nextBatch(maxRecords: 20)
      seen += batch.records.map { batch.text($0) }
      for _ in 0..<3 { _ = try await consumer.keepAlive() }
      return seen.count >= lines.count
    }
    #expect(seen == lines)
    #expect(await consumer.close(within: .seconds(5)))
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("an offset that is gone throws where the configuration says error")
  func offsetOutOfRange() async throws {
    let topic = try await broker.makeTopic()
    let producer = try KafkaProducer(broker.configuration())
    try await producer.produce(["one"], to: topic)
    var configuration = broker.configuration()
    configuration.consumer.autoOffsetReset = .error
    let consumer = try KafkaConsumer(configuration)
    try await consumer.assign([TopicPartition(topic, 0): .offset(1000)])
    let error = await #expect(throws: KafkaError.self) {
      try await eventually("an error") {
        _ = try await consumer.nextBatch()
        return false
      }
    }
    #expect(error?.code == .offsetOutOfRange)
    #expect(await consumer.close(within: .seconds(5)))
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("a consumer that is closed says so, and closing again is fine")
  func closed() async throws {
    let consumer = try KafkaConsumer(broker.configuration())
    #expect(await consumer.close(within: .seconds(5)))
    #expect(await consumer.close(within: .seconds(5)))
    let error = await #expect(throws: KafkaError.self) { try await consumer.nextBatch() }
    #expect(error?.code == .closed)
  }

  @Test("closing ends a batch that waits")
  func closeEndsWait() async throws {
    let topic = try await broker.makeTopic()
    let consumer = try KafkaConsumer(broker.configuration())
    try await consumer.assign([TopicPartition(topic, 0): .end])
    async let batch = consumer.nextBatch(wait: .seconds(3600))
    #expect(await consumer.close(within: .seconds(5)))
    // Closed may also come first.
    let read = try? await batch
    #expect(read?.isEmpty != false)
  }

  @Test("with the broker gone, every question and the close end in time")
  func bounded() async throws {
    let mock = MockCluster()
    mock.createTopic("gone")
    var configuration = mock.configuration()
    configuration.consumer.group = "gone"
    let producer = try KafkaProducer(configuration)
    try await producer.produce(["one"], to: "gone")
    let consumer = try KafkaConsumer(configuration)
    try await consumer.subscribe(["gone"])
    #expect(try await consumer.read(1) == ["one"])
    try await consumer.store([TopicPartition("gone", 0): 1])
    mock.takeDown()
    let start = ContinuousClock.now
    let limit = Duration.milliseconds(200)
    let part = TopicPartition("gone", 0)
    await #expect(throws: KafkaError.self) { try await consumer.commit(timeout: limit) }
    await #expect(throws: KafkaError.self) { try await consumer.committed([part], timeout: limit) }
    await #expect(throws: KafkaError.self) { try await consumer.watermarks(part, timeout: limit) }
    #expect(try await consumer.nextBatch().isEmpty)
    _ = await consumer.close(within: .milliseconds(500))
    #expect(ContinuousClock.now - start < .seconds(30))
    await producer.close(within: .zero)
  }
}
