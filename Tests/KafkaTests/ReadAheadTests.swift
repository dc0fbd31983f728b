import Kafka
import KafkaTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct ReadAheadTests {
  private let broker = TestBroker()

  // The mock cluster takes its time for each fetch itself.
  @Test(
    "a consumer that may read little ahead does not stand still behind each of it, whoever says how little",
    .enabled(if: TestBroker.real != nil, TestBroker.needsReal), arguments: [false, true])
  func smallReadAhead(isProperty: Bool) async throws {
    let topic = try await broker.makeTopic()
    var sending = broker.configuration()
    sending.producer.compression = .none
    let producer = try KafkaProducer(sending)
    let line = String(repeating: "x", count: 8 * 1024)
    for _ in 0..<50 { try await producer.produce(Array(repeating: line, count: 100), to: topic) }
    // Many times what may wait and what a fetch brings: a second behind each would be more than the deadline.
    var configuration = broker.configuration(group: broker.name("group"))
    if isProperty {
      configuration.properties["queued.max.messages.kbytes"] = "64"
    } else {
      configuration.consumer.queuedKilobytes = 64
    }
    configuration.properties["fetch.message.max.bytes"] = "65536"
    let consumer = try KafkaConsumer(configuration)
    try await consumer.assign([TopicPartition(topic, 0): .beginning])
    let deadline = ContinuousClock.now + .seconds(30)
    var count = 0
    while count < 5000, ContinuousClock.now < deadline {
      count += try await consumer.nextBatch(maxRecords: 4, wait: .seconds(1)).count
    }
    #expect(count == 5000)
    #expect(await consumer.close(within: .seconds(5)))
    #expect(await producer.close(within: .seconds(5)))
  }
}
