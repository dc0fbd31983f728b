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
    mock.setRoundTrip(broker: 1, .milliseconds(500))
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
    #expect(await first.result.stored == 90)
    mock.setRoundTrip(broker: 1, .zero)
    try producer.produce(eleven.ranges, in: eleven.bytes.span, to: "full", ticket: second)
    #expect(await second.result.stored == 11)
    #expect(await producer.close(within: .seconds(5)))
  }
}
