import BaritoCore
import BaritoService
import Glibc
import HTTP
import Kafka
import TestKit
import Testing

@testable import BaritoRouter

/// A real server that the environment names.
private enum RealServer {
  static let kafka: String? = getenv("BARITO_TEST_KAFKA").map { String(cString: $0) }
}

/// What only a real Kafka can do: make and delete topics.
@Suite(.timeLimit(.minutes(1)), .enabled(if: RealServer.kafka != nil)) struct RealKafkaTests {
  @Test("the first line of an app makes its topic and announces it; a deleted topic is made again")
  func topics() async throws {
    let brokers = RealServer.kafka ?? ""
    let name = "app\(UInt32.random(in: 0...UInt32.max))"
    var group = GroupProfile.named()
    group.cluster?.partitions = 3
    let router = try await RouterUnderTest(apps: [.named(name)], group: group, timeout: .seconds(10), brokers: brokers)
    let headers: HTTPHeaders = ["X-App-Secret": "secret-\(name)"]
    #expect(try await router.post("/produce", headers, "{}").status == 200)
    #expect(try await router.post("/produce", headers, "{}").status == 200)
    let admin = try KafkaAdmin(KafkaConfiguration(brokers: brokers, clientID: "test"))
    #expect(try await admin.partitionCount(of: "\(name)_logs") == 3)
    let events = try KafkaConsumer(KafkaConfiguration(brokers: brokers, clientID: "test"))
    try await events.assign([TopicPartition(PlatformTopic.newTopicEvents, 0): .beginning])
    var announced = 0
    try await eventually("it was announced") {
      let batch = try await events.nextBatch()
      announced +=
        batch.records.filter { String(decoding: batch.bytes[$0.value], as: UTF8.self) == "\(name)_logs" }.count
      return announced == 1
    }
    try await admin.deleteTopic("\(name)_logs")
    try await eventually("it is gone") { try await admin.partitionCount(of: "\(name)_logs") == nil }
    var statuses: Set<Int> = []
    try await eventually(within: .seconds(40), "lines are taken again") {
      let status = try await router.post("/produce", headers, "{}").status
      statuses.insert(status)
      let partitions = try await admin.partitionCount(of: "\(name)_logs")
      // A broker that makes topics by itself may have been quicker, with partitions of its own choice.
      return status == 200 && partitions != nil
    }
    #expect(statuses.isSubset(of: [200, 503]))
    await events.close(within: .seconds(5))
    await admin.close()
    await router.close()
  }
}
