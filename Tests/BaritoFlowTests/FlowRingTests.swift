import BaritoCore
import BaritoService
import Dispatch
import Kafka
import KafkaTesting
import Lifecycle
import Logging
import TestKit
import Testing

@testable import BaritoFlow

@Suite(.timeLimit(.minutes(3))) struct FlowRingTests {
  private func send(_ values: [String], to topic: String, _ cluster: MockCluster) async throws {
    let producer = try KafkaProducer(cluster.configuration())
    for value in values { try await producer.send(Array(value.utf8), to: topic) }
    await producer.close(within: .seconds(5))
  }

  private func committed(_ topic: String, _ cluster: MockCluster, _ partition: Int32 = 0) async throws -> Int64 {
    var kafka = cluster.configuration()
    kafka.consumer.group = "barito-flow"
    let consumer = try KafkaConsumer(kafka)
    let place = TopicPartition(topic, partition)
    let offset = try await consumer.committed([place])[place] ?? 0
    await consumer.close(within: .seconds(5))
    return offset
  }

  @Test("a Flow that is stopped between bulk and store loses and doubles nothing, and poison holds nobody")
  func stopped() async throws {
    let cluster = MockCluster()
    cluster.createTopic("shop_logs")
    cluster.createTopic("new_topic_events")
    let values = (0..<60).map { $0 % 20 == 7 ? #"{"poison":\#($0)}"# : $0 % 20 == 9 ? "text \($0)" : #"{"n":\#($0)}"# }
    try await send(values, to: "shop_logs", cluster)
    // Everything is done and no answer is heard.
    let elasticsearch = try StubElasticsearch { _ in .lost }
    let topics = TopicList(always: ["new_topic_events"], naming: TopicNaming())
    topics.add(["shop_logs"])
    try await running(try IndexPipeline.test(cluster, elasticsearch.url, topics)) {
      try await eventually(within: .seconds(25), "the first documents are there") {
        !elasticsearch.model.indexed.isEmpty
      }
    }
    #expect(try await committed("shop_logs", cluster) == 0)
    let faults: [ModelElasticsearch.Fault?] = [
      .unavailable, .busy, .cut, .someBusy, .lost, .short, .someBlocked, .garbage, .forbidden, .reordered,
    ]
    let before = elasticsearch.requests
    elasticsearch.fault { $0 - before < faults.count ? faults[$0 - before] : nil }
    try await running(try IndexPipeline.test(cluster, elasticsearch.url, topics)) {
      try await eventually(within: .seconds(25), "every record is finished") {
        let model = elasticsearch.model
        return try model.indexed.count + model.quarantined.count == values.count
      }
      try await eventually("the offsets are stored") { try await committed("shop_logs", cluster) == 60 }
    }
    let model = elasticsearch.model
    #expect(model.indexed.sorted() == values.filter { $0.hasPrefix(#"{"n""#) }.sorted())
    let quarantined = try model.quarantined
    #expect(quarantined.compactMap(\.bytes).sorted() == values.filter { !$0.hasPrefix(#"{"n""#) }.sorted())
    #expect(
      quarantined.allSatisfy { $0.topic == "shop_logs" && !$0.reason.isEmpty && values[Int($0.offset)] == $0.bytes })
    await elasticsearch.stop()
  }

  @Test("a new topic is read from its oldest record soon after its event")
  func newTopic() async throws {
    let cluster = MockCluster()
    cluster.createTopic("new_topic_events")
    let elasticsearch = try StubElasticsearch()
    let topics = TopicList(always: ["new_topic_events"], naming: TopicNaming())
    let watcher = TopicWatcher(
      configuration: cluster.configuration(), topics: topics, logger: .silent)
    let pipeline = try IndexPipeline.test(cluster, elasticsearch.url, topics)
    try await running(watcher) {
      try await running(pipeline) {
        try await eventually("it is in its group") { await !pipeline.intake.consumer.assignment.isEmpty }
        try await eventually("it is the elected one") { pipeline.intake.election.isElected }
        cluster.createTopic("late_logs")
        try await send([#"{"first":1}"#], to: "late_logs", cluster)
        try await eventually(within: .seconds(5), "the event was heard") {
          try await send(["late_logs"], to: "new_topic_events", cluster)
          return topics.current.topics.contains("late_logs")
        }
        try await eventually("it is indexed") { elasticsearch.model.indexed == [#"{"first":1}"#] }
      }
    }
    await elasticsearch.stop()
  }

  @Test("topics that were there before are found without any event")
  func listing() async throws {
    let cluster = MockCluster()
    cluster.createTopic("new_topic_events")
    cluster.createTopic("old_logs")
    let topics = TopicList(always: [], naming: TopicNaming())
    try await running(TopicWatcher(configuration: cluster.configuration(), topics: topics, logger: .silent)) {
      try await eventually("it is found") { topics.current.topics == ["old_logs"] }
    }
  }

  @Test("an app whose index is read-only holds up nobody else, and loses nothing once it can be written again")
  func parkedLane() async throws {
    let cluster = MockCluster()
    for topic in ["red_logs", "green_logs", "new_topic_events"] { cluster.createTopic(topic) }
    try await send((0..<50).map { #"{"red":\#($0)}"# }, to: "red_logs", cluster)
    try await send((0..<50).map { #"{"green":\#($0)}"# }, to: "green_logs", cluster)
    let elasticsearch = try StubElasticsearch()
    elasticsearch.readOnly(["red-"])
    let topics = TopicList(always: ["new_topic_events"], naming: TopicNaming())
    topics.add(["red_logs", "green_logs"])
    try await running(try IndexPipeline.test(cluster, elasticsearch.url, topics)) {
      try await eventually(within: .seconds(25), "the neighbour's records are finished") {
        elasticsearch.model.indexed.count == 50
      }
      // Tried again and again, and what comes meanwhile for the neighbour goes through.
      let before = elasticsearch.requests
      try await eventually(within: .seconds(25), "the lane is tried again") { elasticsearch.requests > before + 3 }
      try await send((50..<100).map { #"{"green":\#($0)}"# }, to: "green_logs", cluster)
      try await eventually(within: .seconds(25), "the neighbour goes on") { elasticsearch.model.indexed.count == 100 }
      #expect(try await committed("red_logs", cluster) == 0)
      try await send((50..<60).map { #"{"red":\#($0)}"# }, to: "red_logs", cluster)
      elasticsearch.readOnly([])
      try await eventually(within: .seconds(25), "every record is finished") {
        elasticsearch.model.indexed.count == 160
      }
      try await eventually("the offsets are stored") { try await committed("red_logs", cluster) == 60 }
    }
    let expected = (0..<60).map { #"{"red":\#($0)}"# } + (0..<100).map { #"{"green":\#($0)}"# }
    #expect(elasticsearch.model.indexed.sorted() == expected.sorted())
    await elasticsearch.stop()
  }

  @Test("lines that the server fails over are given up one after the other, however busy their partition is")
  func givenUp() async throws {
    let cluster = MockCluster()
    for topic in ["shop_logs", "new_topic_events"] { cluster.createTopic(topic) }
    let elasticsearch = try StubElasticsearch()
    let topics = TopicList(always: ["new_topic_events"], naming: TopicNaming())
    topics.add(["shop_logs"])
    // Its quarter of an hour is over in no time.
    let start = ContinuousClock.now
    let hasty = ServiceClock {
      ServiceClock.system.wallMilliseconds
    } monotonic: {
      UInt64((ContinuousClock.now - start) / .nanoseconds(1)) * 200
    }
    var sent = 0
    func send(_ count: Int) async throws {
      try await self.send(
        (sent..<sent + count).map { [12, 15, 90].contains($0) ? #"{"crash":\#($0)}"# : #"{"n":\#($0)}"# },
        to: "shop_logs", cluster)
      sent += count
    }
    try await send(100)
    try await running(try IndexPipeline.test(cluster, elasticsearch.url, topics, records: 5, clock: hasty)) {
      let deadline = ContinuousClock.now + .seconds(60)
      while try elasticsearch.model.quarantined.count < 3, ContinuousClock.now < deadline { try await send(20) }
      #expect(try elasticsearch.model.quarantined.map(\.offset).sorted() == [12, 15, 90])
      try await eventually(within: .seconds(60), "every record is finished, once") {
        elasticsearch.model.indexed.count == sent - 3
      }
      try await eventually("the offsets are stored") { try await committed("shop_logs", cluster) == Int64(sent) }
    }
    #expect(Set(elasticsearch.model.indexed).count == sent - 3)
    await elasticsearch.stop()
  }

  @Test("with many batches under way, faults in their answers, and Flows that come and go, each record ends once")
  func manyUnderWay() async throws {
    let cluster = MockCluster()
    cluster.createTopic("new_topic_events")
    let names = (0..<6).map { "app\($0)_logs" }
    let each = 150
    for name in names {
      cluster.createTopic(name, partitions: 2)
      try await send((0..<each).map { #"{"\#(name)":\#($0)}"# }, to: name, cluster)
    }
    let faults: [ModelElasticsearch.Fault?] = [
      nil, nil, .unavailable, nil, .busy, .cut, nil, .someBusy, .lost, nil, .short, .someBlocked, nil, .reordered,
    ]
    let elasticsearch = try StubElasticsearch { faults[$0 % faults.count] }
    let topics = TopicList(always: ["new_topic_events"], naming: TopicNaming())
    topics.add(names)
    let all = names.count * each
    try await running(try IndexPipeline.test(cluster, elasticsearch.url, topics, records: 7)) {
      try await eventually(within: .seconds(30), "some are there") { elasticsearch.model.indexed.count > all / 10 }
      // Another one joins and leaves again.
      try await running(try IndexPipeline.test(cluster, elasticsearch.url, topics, records: 7)) {
        try await eventually(within: .seconds(30), "more are there") { elasticsearch.model.indexed.count > all / 2 }
      }
      try await eventually(within: .seconds(60), "all are there") { elasticsearch.model.indexed.count >= all }
      for name in names {
        try await eventually(within: .seconds(20), "all of \(name) is stored") {
          let first = try await committed(name, cluster, 0)
          return first + (try await committed(name, cluster, 1)) == Int64(each)
        }
      }
    }
    let expected = names.flatMap { name in (0..<each).map { #"{"\#(name)":\#($0)}"# } }
    #expect(elasticsearch.model.indexed.sorted() == expected.sorted())
    await elasticsearch.stop()
  }

  @Test("a line of an app that is not behind does not wait for hundreds of apps that are")
  func quietTopic() async throws {
    let cluster = MockCluster()
    let names = (0..<200).map { "flood\($0)_logs" }
    for name in names + ["quiet_logs", "new_topic_events"] { cluster.createTopic(name) }
    let each = 300
    let producer = try KafkaProducer(cluster.configuration())
    for name in names {
      var bytes: [UInt8] = []
      let values = (0..<each).map { number in
        let start = bytes.count
        bytes += Array(#"{"flood":\#(number),"text":"\#(String(repeating: "x", count: 200))"}"#.utf8)
        return start..<bytes.count
      }
      let ticket = DeliveryTicket()
      try producer.produce(values, in: bytes.span, to: name, ticket: ticket)
      _ = try await ticket.result.get()
    }
    let topics = TopicList(always: ["new_topic_events"], naming: TopicNaming())
    topics.add(names + ["quiet_logs"])
    // In the middle of the flood nobody is answered until the quiet line is in Kafka.
    let (isFlooded, isSent) = (Guarded(false), DispatchSemaphore(value: 0))
    let elasticsearch = try StubElasticsearch { request in
      if request == 20 {
        isFlooded.with { $0 = true }
        isSent.wait()
      }
      return nil
    }
    elasticsearch.watch(index: "quiet-")
    // Little is read ahead, in proportion to what is there.
    try await running(
      try IndexPipeline.test(
        cluster, elasticsearch.url, topics, concurrency: 1, readAhead: 64 * 1024,
        properties: ["max.partition.fetch.bytes": "16384"])
    ) {
      defer { isSent.signal() }
      try await eventually(within: .seconds(60), "the flood is read") { isFlooded.with { $0 } }
      try await producer.send(Array(#"{"quiet":1}"#.utf8), to: "quiet_logs")
      isSent.signal()
      try await eventually(within: .seconds(120), "the quiet line is there") { elasticsearch.watched != nil }
    }
    let (all, before) = (names.count * each, try #require(elasticsearch.watched))
    #expect(before < all / 2, "\(before) of \(all) came first")
    await producer.close(within: .seconds(5))
    await elasticsearch.stop()
  }
}
