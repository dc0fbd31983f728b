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
    let ticket = DeliveryTicket()
    let messages = [
      ProducerMessage(value: 0..<256, key: 65..<68, headers: [KafkaHeader("item", "0"), KafkaHeader("empty", "")]),
      ProducerMessage(value: nil, key: 65..<66),
      ProducerMessage(value: 0..<0),
    ]
    try producer.produce(
      messages, in: every.span, to: topic, timestamp: 1_700_000_000_123, headers: [KafkaHeader("batch", [0, 255])],
      ticket: ticket)
    try await ticket.result.get()
    let consumer = try KafkaConsumer(broker.configuration())
    try await consumer.assign([TopicPartition(topic, 0): .beginning])
    let batch = try await consumer.nextBatch(wait: .seconds(20))
    let records = batch.records
    #expect(batch.topics == [topic])
    #expect(records.map(\.offset) == [0, 1, 2])
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
    #expect(records.map(\.timestamp) == [1_700_000_000_123, 1_700_000_000_123, 1_700_000_000_123])
    #expect(records[0].timestampKind == .created)
    #expect(batch.nextOffsets == [TopicPartition(topic, 0): 3])

    try await producer.produce(["abc"], to: topic)
    let plain = try await consumer.nextBatch(wait: .seconds(20))
    #expect(plain.records.map { plain.text($0) } == ["abc"])
    #expect(plain.records.map(\.hasHeaders) == [false])
    #expect(try #require(plain.records.first).timestamp > 1_700_000_000_123)
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
}
