import Kafka
import KafkaTesting
import Synchronization
import Testing

@Suite("Producing", .timeLimit(.minutes(1)))
struct ProducerTests {
  let broker = TestBroker()

  @Test("a ticket settles once, with the place of every message")
  func ticketSettlesOnce() async throws {
    let topic = try await broker.makeTopic(partitions: 3)
    let producer = try KafkaProducer(broker.configuration())
    let settled = Mutex<[DeliveryResult]>([])
    let ticket = DeliveryTicket { result in settled.withLock { $0.append(result) } }
    let values = Values((0..<500).map { "line \($0)" })
    try producer.produce(values.ranges, in: values.bytes.span, to: topic, ticket: ticket)
    let result = await ticket.result
    #expect(result.error == nil)
    #expect((result.topic, result.count, result.stored) == (topic, 500, 500))
    #expect(result.ranges.reduce(0) { $0 + $1.count } == 500)
    #expect(result.ranges.allSatisfy { $0.lastOffset - $0.firstOffset + 1 == Int64($0.count) })
    #expect(Set(result.ranges.map(\.partition)).count == result.ranges.count)
    #expect(ticket.settled == result)
    #expect(await producer.flush(within: .seconds(5)))
    #expect((producer.outstanding, producer.outstandingBytes) == (0, 0))
    #expect(await producer.close(within: .seconds(5)))
    #expect(settled.withLock { $0 } == [result])
  }

  @Test("a call that does not fit the queue is refused whole, and the queue is free again afterwards")
  func queueFull() async throws {
    let mock = MockCluster()
    mock.createTopic("full")
    var configuration = mock.configuration()
    configuration.producer.queueMessages = 100
    configuration.producer.lingerMilliseconds = 1
    let producer = try KafkaProducer(configuration)
    mock.takeDown()
    let (first, second) = (DeliveryTicket(), DeliveryTicket())
    let (ninety, eleven) = (Values((0..<90).map(String.init)), Values((0..<11).map(String.init)))
    try producer.produce(ninety.ranges, in: ninety.bytes.span, to: "full", ticket: first)
    let error = #expect(throws: KafkaError.self) {
      try producer.produce(eleven.ranges, in: eleven.bytes.span, to: "full", ticket: second)
    }
    #expect(error?.code == .queueFull)
    #expect(error?.disposition == .retry)
    #expect(producer.outstanding == 90)
    #expect(second.settled == nil)
    mock.bringUp()
    #expect(await first.result.stored == 90)
    try producer.produce(eleven.ranges, in: eleven.bytes.span, to: "full", ticket: second)
    #expect(await second.result.stored == 11)
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("a message that is too large is refused before anything is sent")
  func tooLarge() async throws {
    var configuration = broker.configuration()
    configuration.producer.largestMessage = 1000
    let producer = try KafkaProducer(configuration)
    let values = Values(["small", String(repeating: "x", count: 1001)])
    let error = #expect(throws: KafkaError.self) {
      try producer.produce(values.ranges, in: values.bytes.span, to: "any", ticket: DeliveryTicket())
    }
    #expect(error?.code == .tooLarge)
    #expect(error?.disposition == .reject)
    #expect(producer.outstanding == 0)
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("a call larger than the whole queue is refused for good, not for later")
  func largerThanTheQueue() async throws {
    var configuration = broker.configuration()
    configuration.producer.queueKilobytes = 1
    let producer = try KafkaProducer(configuration)
    let values = Values([String(repeating: "x", count: 1025)])
    let error = #expect(throws: KafkaError.self) {
      try producer.produce(values.ranges, in: values.bytes.span, to: "any", ticket: DeliveryTicket())
    }
    #expect(error?.disposition == .reject)
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("calls from many tasks at once each get their own answer")
  func manyCallers() async throws {
    let topic = try await broker.makeTopic(partitions: 2)
    let producer = try KafkaProducer(broker.configuration())
    let results = try await withThrowingTaskGroup(of: DeliveryResult.self) { group in
      for caller in 1...50 {
        group.addTask { try await producer.produce((0..<caller).map { "\(caller) \($0)" }, to: topic) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(results.map(\.stored)) == Set(1...50))
    let offsets = results.flatMap { $0.ranges }.filter { $0.partition == 0 }.map(\.firstOffset)
    #expect(Set(offsets).count == offsets.count)
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("with the broker down a ticket fails within the message timeout, and later messages pass")
  func brokerDown() async throws {
    let mock = MockCluster()
    mock.createTopic("down")
    var configuration = mock.configuration()
    configuration.producer.messageTimeout = .seconds(3)
    let producer = try KafkaProducer(configuration)
    try await producer.produce(["before"], to: "down")
    mock.takeDown()
    let (start, ticket) = (ContinuousClock.now, DeliveryTicket())
    let values = Values(["one", "two"])
    try producer.produce(values.ranges, in: values.bytes.span, to: "down", ticket: ticket)
    let result = await ticket.result
    #expect(result.error?.code == .timedOut)
    #expect(result.error?.disposition == .retry)
    #expect((result.count, result.stored) == (2, 0))
    #expect(ContinuousClock.now - start < .seconds(30))
    mock.bringUp()
    try await eventually("messages pass again") {
      (try? await producer.produce(["after"], to: "down")) != nil
    }
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test(
    "what the broker refuses for good is in the result, with its disposition",
    arguments: [
      (MockCluster.Fault.invalidRecord, KafkaError.Code.rejected, KafkaError.Disposition.reject),
      (.messageTooLarge, .tooLarge, .reject), (.topicAuthorizationFailed, .unauthorized, .reject),
    ])
  func brokerRefuses(fault: MockCluster.Fault, code: KafkaError.Code, disposition: KafkaError.Disposition) async throws
  {
    let mock = MockCluster()
    mock.createTopic("refuses")
    let producer = try KafkaProducer(mock.configuration())
    mock.pushRequestErrors(.produce, [fault])
    let error = await #expect(throws: KafkaError.self) { try await producer.send(Array("x".utf8), to: "refuses") }
    #expect(error?.code == code)
    #expect(error?.disposition == disposition)
    await producer.close(within: .seconds(1))
  }

  @Test("too few replicas is retried by the client itself")
  func retries() async throws {
    let mock = MockCluster()
    mock.createTopic("retries")
    let producer = try KafkaProducer(mock.configuration())
    mock.pushRequestErrors(.produce, [.notEnoughReplicas, .notLeader])
    let result = try await producer.send(Array("x".utf8), to: "retries")
    #expect(result.stored == 1)
    #expect(await producer.close(within: .seconds(5)))
  }

  @Test("a producer that lost its sequence says that it is fatal, and refuses what comes")
  func fatal() async throws {
    let mock = MockCluster()
    mock.createTopic("fatal")
    let producer = try KafkaProducer(mock.configuration())
    try await producer.produce(["before"], to: "fatal")
    mock.pushRequestErrors(.produce, [.outOfOrderSequence])
    let ticket = DeliveryTicket()
    try producer.produce([0..<1], in: [0].span, to: "fatal", ticket: ticket)
    let result = await ticket.result
    #expect(result.error?.code == .fatal)
    try await eventually("the producer knows") { producer.isFatal }
    let error = await #expect(throws: KafkaError.self) { try await producer.send([0], to: "fatal") }
    #expect(error?.code == .fatal)
    #expect(error?.disposition == .fatal)
    await producer.close(within: .seconds(1))
  }

  @Test("closing while the broker is gone ends in time, and every ticket is settled")
  func closeIsBounded() async throws {
    let mock = MockCluster()
    mock.createTopic("gone")
    let producer = try KafkaProducer(mock.configuration())
    try await producer.produce(["before"], to: "gone")
    mock.takeDown()
    let ticket = DeliveryTicket()
    try producer.produce([0..<1, 0..<1], in: [0].span, to: "gone", ticket: ticket)
    let start = ContinuousClock.now
    #expect(await producer.flush(within: .milliseconds(100)) == false)
    #expect(await producer.close(within: .milliseconds(300)) == false)
    #expect(ContinuousClock.now - start < .seconds(30))
    #expect(ticket.settled?.error?.code == .closed)
    let error = await #expect(throws: KafkaError.self) { try await producer.send([0], to: "gone") }
    #expect(error?.code == .closed)
  }

  @Test("a producer that is forgotten settles its tickets")
  func forgotten() async throws {
    let mock = MockCluster()
    mock.takeDown()
    let ticket = DeliveryTicket()
    do {
      let producer = try KafkaProducer(mock.configuration())
      try producer.produce([0..<1], in: [0].span, to: "forgotten", ticket: ticket)
    }
    #expect(await ticket.result.error?.code == .closed)
  }

  @Test("a property that librdkafka does not know is named")
  func unknownProperty() {
    var configuration = broker.configuration()
    configuration.properties["lingers.ms"] = "5"
    let error = #expect(throws: KafkaError.self) { try KafkaProducer(configuration) }
    #expect(error?.code == .configuration)
    #expect(error?.detail.contains("lingers.ms") == true)
  }

  @Test("every compression works", arguments: KafkaConfiguration.Compression.allCases)
  func compression(_ compression: KafkaConfiguration.Compression) async throws {
    let topic = try await broker.makeTopic()
    var configuration = broker.configuration()
    configuration.producer.compression = compression
    let producer = try KafkaProducer(configuration)
    let lines = (0..<100).map { "the same line again and again \($0)" }
    try await producer.produce(lines, to: topic)
    let consumer = try KafkaConsumer(configuration)
    try await consumer.assign([TopicPartition(topic, 0): .beginning])
    #expect(try await consumer.read(100) == lines)
    #expect(await consumer.close(within: .seconds(5)))
    #expect(await producer.close(within: .seconds(5)))
  }
}
