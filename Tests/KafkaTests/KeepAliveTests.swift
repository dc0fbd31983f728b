import Kafka
import KafkaTesting
import Testing

/// What a worker relies on while whoever takes its records is down.
@Suite("Keeping the membership", .timeLimit(.minutes(1)))
struct KeepAliveTests {
  let broker = TestBroker()
  /// The least that a real broker allows; the mock takes three seconds to let a member in.
  let silence: Duration = TestBroker.real == nil ? .seconds(4) : .seconds(6)

  private func configuration() -> KafkaConfiguration {
    var configuration = broker.configuration(group: broker.name("group"))
    configuration.consumer.sessionTimeout = silence
    configuration.consumer.maxPollInterval = silence
    configuration.properties["heartbeat.interval.ms"] = "200"
    return configuration
  }

  @Test(
    "after a pause longer than maxPollInterval the worker goes on behind its records, with nothing lost or repeated")
  func pauses() async throws {
    let topic = try await broker.makeTopic(partitions: 3)
    let parts = (0..<3).map { TopicPartition(topic, $0) }
    let configuration = configuration()
    let producer = try KafkaProducer(configuration)
    try await producer.spread(0..<300, over: topic)
    let consumer = try KafkaConsumer(configuration)
    try await consumer.subscribe([topic])
    var seen: [TopicPartition: [Int64]] = [:]
    func note(_ batch: RecordBatch) -> Int {
      for record in batch.records { seen[batch.topicPartition(of: record), default: []].append(record.offset) }
      return seen.values.reduce(0) { $0 + $1.count }
    }

    // Two pauses, each with a batch in hand that ends in the middle of what was fetched.
    var sent = 300
    for _ in 0..<2 {
      var batch = RecordBatch()
      try await eventually("records") {
        batch = try await consumer.nextBatch(maxRecords: 50)
        return !batch.isEmpty
      }
      _ = note(batch)
      let over = ContinuousClock.now + silence + .seconds(1)
      try await eventually("the pause is over") {
        let revoked = try await consumer.keepAlive()
        #expect(revoked == [])
        return ContinuousClock.now > over
      }
      try await producer.spread(sent..<sent + 100, over: topic)
      sent += 100
      #expect(try await consumer.keepAlive() == [])
      #expect(await consumer.assignment == Set(parts))
      try await consumer.store(batch.nextOffsets)
    }
    try await eventually("all records") {
      let batch = try await consumer.nextBatch()
      let total = note(batch)
      try await consumer.store(batch.nextOffsets)
      return total >= sent
    }
    let ends = try await consumer.watermarks(parts).mapValues(\.upperBound)
    #expect(ends.values.reduce(0, +) == Int64(sent))
    for part in parts { #expect(seen[part] == Array(0..<(ends[part] ?? -1))) }
    #expect(try await consumer.nextBatch().isEmpty)
    try await consumer.commit()
    #expect(try await consumer.committed(parts) == ends)
    #expect(await consumer.close(within: .seconds(10)))
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("a worker that was silent for too long is told what it lost, and gets it again from what was stored")
  func silent() async throws {
    let topic = try await broker.makeTopic()
    let part = TopicPartition(topic, 0)
    let configuration = configuration()
    let producer = try KafkaProducer(configuration)
    try await producer.produce(["one", "two"], to: topic)
    let consumer = try KafkaConsumer(configuration)
    try await consumer.subscribe([topic])
    let held = try await consumer.read(2)
    let over = ContinuousClock.now + silence + .seconds(2)
    try await eventually("it was silent for too long") { ContinuousClock.now > over }
    try await eventually("the partition is lost") { try await consumer.keepAlive() == [part] }
    try await consumer.store([part: 2])
    #expect(try await consumer.read(2) == held)
    #expect(await consumer.close(within: .seconds(10)))
    #expect(await producer.close(within: .seconds(5)))
  }
}
