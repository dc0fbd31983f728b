import Kafka
import KafkaTesting
import Testing

@Suite("Topics", .timeLimit(.minutes(1)))
struct AdminTests {
  let broker = TestBroker()

  @Test(
    "a topic is made once; making it again says that it existed",
    .enabled(if: TestBroker.real != nil, TestBroker.needsReal))
  func createTwice() async throws {
    let admin = try KafkaAdmin(broker.configuration())
    let name = broker.name()
    let configuration = ["retention.ms": "3600000"]
    #expect(try await admin.createTopic(name, partitions: 3, configuration: configuration) == .created)
    #expect(try await admin.createTopic(name, partitions: 3, configuration: configuration) == .existed)
    #expect(try await admin.createTopic(name, partitions: 1) == .existed)
    try await eventually("it is listed") { try await admin.topics()[name] == 3 }
    #expect(try await admin.partitionCount(of: name) == 3)
    #expect(try await admin.describe(name)?.map(\.id) == [0, 1, 2])
    try await admin.deleteTopic(name)
    try await eventually("it is gone") { try await admin.topics()[name] == nil }
    let error = await #expect(throws: KafkaError.self) { try await admin.deleteTopic(name) }
    #expect(error?.code == .unknownTopic)
    await admin.close()
  }

  @Test("what the broker refuses for good is rejected", .enabled(if: TestBroker.real != nil, TestBroker.needsReal))
  func rejected() async throws {
    let admin = try KafkaAdmin(broker.configuration())
    let error = await #expect(throws: KafkaError.self) { try await admin.createTopic("no spaces", partitions: 1) }
    #expect(error?.disposition == .reject)
    await admin.close()
  }

  @Test(
    "asking for a topic that does not exist answers nil and does not make it",
    .enabled(if: TestBroker.real != nil, TestBroker.needsReal))
  func askingMakesNothing() async throws {
    let admin = try KafkaAdmin(broker.configuration())
    let name = broker.name()
    #expect(try await admin.partitionCount(of: name) == nil)
    #expect(try await admin.describe(name) == nil)
    #expect(try await admin.topics()[name] == nil)
    await admin.close()
  }

  @Test("topics are listed with their partitions")
  func list() async throws {
    let topic = try await broker.makeTopic(partitions: 2)
    let admin = try KafkaAdmin(broker.configuration())
    #expect(try await admin.topics()[topic] == 2)
    #expect(try await admin.describe(topic)?.count == 2)
    try await admin.ping()
    await admin.close()
    let error = await #expect(throws: KafkaError.self) { try await admin.topics() }
    #expect(error?.code == .closed)
  }

  @Test("with the broker gone, every call ends in time with something to retry")
  func bounded() async throws {
    let mock = MockCluster()
    mock.takeDown()
    let admin = try KafkaAdmin(mock.configuration())
    let start = ContinuousClock.now
    let limit = Duration.milliseconds(200)
    let listing = await #expect(throws: KafkaError.self) { try await admin.topics(timeout: limit) }
    let making = await #expect(throws: KafkaError.self) { try await admin.createTopic("any", timeout: limit) }
    #expect(listing?.disposition == .retry)
    #expect(making?.disposition == .retry)
    await admin.close(within: .seconds(1))
    #expect(ContinuousClock.now - start < .seconds(30))
  }
}
