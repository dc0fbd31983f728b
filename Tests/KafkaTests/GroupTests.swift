import Kafka
import KafkaTesting
import Testing

/// Joining a mock group takes seconds, so these are few.
@Suite("Consumer groups", .timeLimit(.minutes(1)))
struct GroupTests {
  let broker = TestBroker()

  @Test("what is stored for a partition that was taken away is ignored, and its new owner starts before it")
  func revokedStoreIsIgnored() async throws {
    let topic = try await broker.makeTopic(partitions: 2)
    let producer = try KafkaProducer(broker.configuration())
    let parts: Set = [TopicPartition(topic, 0), TopicPartition(topic, 1)]
    try await producer.spread(0..<40, over: topic)
    let configuration = broker.configuration(group: broker.name("group"))
    let first = try KafkaConsumer(configuration)
    try await first.subscribe([topic])
    var next: [TopicPartition: Int64] = [:]
    var seen = 0
    try await eventually("all records") {
      let batch = try await first.nextBatch()
      next.merge(batch.nextOffsets) { $1 }
      seen += batch.count
      return seen == 40
    }
    #expect(await first.assignment == parts)

    let second = try KafkaConsumer(configuration)
    try await second.subscribe([topic])
    var revoked: Set<TopicPartition> = []
    var moved: [TopicPartition: Int64] = [:]
    // The first one is busy with its records, and only keeps its membership.
    try await eventually("one partition has moved") {
      revoked = try await first.keepAlive()
      moved.merge(try await second.nextBatch().nextOffsets) { $1 }
      return await first.assignment.count == 1 && !moved.isEmpty
    }
    #expect(revoked == parts)
    let kept = try #require(await first.assignment.first)
    let gone = try #require(parts.subtracting([kept]).first)
    // Nothing was stored, so the new owner does all of it again.
    #expect(moved == [gone: next[gone]!])
    try await first.store(next)
    try await first.commit()
    #expect(try await first.committed([gone]) == [:])
    var again: [Int64] = []
    try await eventually("the first goes on with the one it kept") {
      let batch = try await first.nextBatch()
      again += batch.records.map(\.offset)
      #expect(Set(batch.nextOffsets.keys).isSubset(of: [kept]))
      return again.count >= next[kept]!
    }
    #expect(again == Array(0..<next[kept]!))
    #expect(await first.close(within: .seconds(10)))
    #expect(await second.close(within: .seconds(10)))
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("partitions that came back before the batch began are not told as taken away")
  func cameBack() async throws {
    let topic = try await broker.makeTopic(partitions: 2)
    let producer = try KafkaProducer(broker.configuration())
    let configuration = broker.configuration(group: broker.name("group"))
    let (first, second) = (try KafkaConsumer(configuration), try KafkaConsumer(configuration))
    try await first.subscribe([topic])
    try await eventually("the first has both") {
      _ = try await first.nextBatch()
      return await first.assignment.count == 2
    }
    // One call of the first one sees both partitions go, one come back, and its records.
    async let waiting = first.nextBatch(wait: .seconds(50))
    try await second.subscribe([topic])
    try await eventually("the second has one") {
      _ = try await second.nextBatch()
      return await second.assignment.count == 1
    }
    try await producer.spread(0..<40, over: topic)
    let batch = try await waiting
    #expect(!batch.isEmpty)
    #expect(Set(batch.nextOffsets.keys) == (await first.assignment))
    #expect(try await first.keepAlive() == [])
    await first.close(within: .seconds(10))
    await second.close(within: .seconds(10))
    await producer.close(within: .seconds(5))
  }

  @Test("what comes in the middle of rebalances is delivered from the first record on")
  func firstAfterRebalance() async throws {
    let topic = try await broker.makeTopic()
    let part = TopicPartition(topic, 0)
    let producer = try KafkaProducer(broker.configuration())
    let consumer = try KafkaConsumer(broker.configuration(group: broker.name("group")))
    var delivered: Set<Int64> = []
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        while !Task.isCancelled { try await producer.send(Array("line".utf8), to: topic) }
      }
      defer { group.cancelAll() }
      for _ in 0..<4 {
        // Another subscription is a rebalance: the partition goes and comes back while records come all the time.
        try await consumer.subscribe([topic, try await broker.makeTopic()])
        var batches = 0
        while batches < 10 {
          let batch = try await consumer.nextBatch(maxRecords: 50, wait: .milliseconds(50))
          for record in batch.records { delivered.insert(record.offset) }
          try await consumer.store(batch.nextOffsets)
          guard let next = batch.nextOffsets[part] else { continue }
          batches += 1
          let missing = (0..<next).first { !delivered.contains($0) }
          try #require(missing == nil, "\(missing ?? 0) is passed over by the offset \(next) that is stored")
        }
      }
    }
    await consumer.close(within: .seconds(10))
    await producer.close(within: .seconds(5))
  }

  @Test("a topic made after the subscription is read from its oldest record")
  func subscribeBeforeTopic() async throws {
    let (topic, configuration) = (broker.name(), broker.configuration(group: broker.name("group")))
    let existing = try await broker.makeTopic()
    var quick = configuration
    quick.properties["topic.metadata.refresh.interval.ms"] = "500"
    let consumer = try KafkaConsumer(quick)
    try await consumer.subscribe([existing, topic])
    #expect(try await consumer.nextBatch().isEmpty)
    let producer = try KafkaProducer(broker.configuration())
    try await producer.produce(["late"], to: topic)
    #expect(try await consumer.read(1) == ["late"])
    await consumer.close(within: .seconds(10))
    await producer.close(within: .seconds(5))
  }
}

extension KafkaProducer {
  /// Sends numbers with themselves as keys, so that every partition gets some.
  @discardableResult
  func spread(_ numbers: Range<Int>, over topic: String) async throws -> DeliveryResult {
    let (values, ticket) = (Values(numbers.map(String.init)), DeliveryTicket())
    try produce(
      values.ranges.map { ProducerMessage(value: $0, key: $0) }, in: values.bytes.span, to: topic, ticket: ticket)
    return try await ticket.result.get()
  }
}
