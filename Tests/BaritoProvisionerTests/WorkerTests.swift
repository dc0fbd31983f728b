import BaritoCore
import Kafka
import Lifecycle
import Logging
import Metrics
import PathfinderSimulator
import TestKit
import Testing

@testable import BaritoProvisioner

@Suite("Worker", .timeLimit(.minutes(1))) struct WorkerTests {
  @Test("a request that comes twice does no harm")
  func duplicate() async throws {
    try await Bench.with { bench in
      let topic = MemoryTopic([request(), request()])
      try await bench.live(topic)
      #expect(topic.committed == 2)
      #expect(bench.simulator.containers.count == 4)
      #expect(bench.simulator.containers.allSatisfy { $0.status == "BOOTSTRAPPED" })
      // Whoever keeps the first of each sees one request.
      var first: [ProvisioningStatus] = []
      for status in bench.events.statuses() where !first.contains(status) { first.append(status) }
      #expect(
        first == [
          .pending, .deploymentStarted, .deploymentFinished, .provisioningStarted, .provisioningFinished,
          .bootstrapStarted, .bootstrapFinished, .verifying, .finished,
        ])
    }
  }

  @Test("a cluster that hangs holds up no other, and no offset after it is stored")
  func hang() async throws {
    try await Bench.with { bench in
      bench.simulator.inject(.hanging("aaa"))
      let topic = MemoryTopic([request(cluster: "aaa", id: "a"), request(cluster: "bbb", id: "b")])
      let stop = GracefulShutdown()
      let worker = ProvisioningWorker(
        source: MemorySource(topic), runner: bench.runner(), concurrent: 2,
        metrics: ProvisionerMetrics(MetricsRegistry()), logger: .silent)
      async let ended: Void = GracefulShutdown.$current.withValue(stop) { try await worker.run() }
      try await eventually("the other cluster is finished") { bench.events.statuses(of: "b").last == .finished }
      #expect(bench.events.statuses(of: "a") == [.pending, .deploymentStarted])
      #expect(topic.committed == 0)
      bench.simulator.inject(.hanging(nil))
      try await ended
      #expect(bench.events.statuses(of: "a").last == .finished)
      #expect(topic.committed == 2)
      #expect(topic.stores.allSatisfy { $0 == 1 || $0 == 2 })
    }
  }

  @Test("a record that is no request is skipped, counted and does not stop the others")
  func unreadable() async throws {
    try await Bench.with { bench in
      let topic = MemoryTopic([nil, request(), nil])
      try await bench.live(topic)
      #expect(topic.committed == 3)
      #expect(bench.events.statuses().last == .finished)
    }
  }

  @Test("a deletion stops the creation before it, and wins")
  func deletionWins() async throws {
    try await Bench.with { bench in
      bench.simulator.inject(.stuck("haza-kafka-01", in: "SCHEDULED"))
      let topic = MemoryTopic([request()])
      let stop = GracefulShutdown()
      var patient = bench
      patient.limits.componentTimeout = .seconds(1_000_000)
      let worker = ProvisioningWorker(
        source: MemorySource(topic), runner: patient.runner(), concurrent: 2,
        metrics: ProvisionerMetrics(MetricsRegistry()), logger: .silent)
      async let ended: Void = GracefulShutdown.$current.withValue(stop) { try await worker.run() }
      try await eventually("an instance is made") {
        bench.simulator.containers.contains { $0.status == "BOOTSTRAPPED" }
      }
      bench.simulator.inject(.stuck("haza-kafka-01", in: nil))
      topic.append(request(.delete, id: "r2"))
      try await eventually("it is deleted") { topic.isDone }
      try await ended
      #expect(bench.events.statuses(of: "r2").last == .deleted)
      #expect(bench.simulator.containers.allSatisfy { $0.status == "DELETED" })
    }
  }

  @Test("a request that failed for good is reported and done with")
  func failedForGood() async throws {
    try await Bench.with { bench in
      var bench = bench
      bench.proof = .failed("The Router refuses the line: 503 group_not_ready")
      let topic = MemoryTopic([request()])
      try await bench.live(topic)
      #expect(topic.committed == 1)
      #expect(bench.events.statuses().last == .verifyError)
      #expect(bench.events.all.last?.message.contains("group_not_ready") == true)
    }
  }

  @Test("a token that is mended while the request waits lets it go on")
  func tokenMended() async throws {
    try await Bench.with { bench in
      bench.simulator.inject(.rejectedToken(true))
      var patient = bench
      patient.limits.componentTimeout = .seconds(1_000_000)
      let topic = MemoryTopic([request()])
      async let ended: Void = patient.live(topic)
      try await eventually("the trouble is told") { bench.events.statuses().contains(.deploymentError) }
      bench.simulator.inject(.rejectedToken(false))
      try await ended
      #expect(bench.events.statuses().last == .finished)
      #expect(bench.events.statuses().filter { $0 == .deploymentError }.count == 1)
    }
  }

  @Test("answers that are lost and servers that fail now and then change nothing")
  func flaky() async throws {
    try await Bench.with { bench in
      bench.simulator.inject(.droppedAnswers(3))
      bench.simulator.inject(.serverErrors(4))
      try await bench.live(MemoryTopic([request()]))
      #expect(bench.events.statuses().last == .finished)
      #expect(bench.simulator.containers.count == 4)
    }
  }

  @Test("events carry the components and, once it can be reached, where the cluster is")
  func eventContents() async throws {
    try await Bench.with { bench in
      try await bench.live(MemoryTopic([request()]))
      let event = try #require(bench.events.all.first { $0.status == .bootstrapFinished && $0.component == nil })
      #expect(event.components.count == 4)
      #expect(event.components.allSatisfy { $0.status == .bootstrapFinished })
      #expect(event.cluster?.kafkaBrokers.split(separator: ",").count == 2)
      #expect(event.clusterName == ClusterName("haza"))
      let components = bench.events.all.filter { $0.component == "haza-kafka-02" }.map(\.status)
      #expect(
        components == [
          .pending, .provisioningStarted, .provisioningFinished, .bootstrapStarted, .bootstrapFinished,
        ])
    }
  }
}

@Suite("Schedule") struct ScheduleTests {
  private func queued(_ cluster: String, _ kind: ProvisioningRequest.Kind = .create, at offset: Int64) -> QueuedRequest
  {
    QueuedRequest(
      request: request(kind, cluster: cluster, id: "\(offset)"), partition: MemoryTopic.partition, offset: offset)
  }

  @Test("so many clusters run at once, and one request of each")
  func bounds() {
    var schedule = RequestSchedule(maximumRunning: 2, maximumWaiting: 5)
    for (offset, cluster) in ["a", "a", "b", "c"].enumerated() {
      #expect(schedule.add(queued(cluster, at: Int64(offset))) == .init())
    }
    #expect(schedule.room == 1)
    let first = schedule.start()
    #expect(first.map(\.queued.offset) == [0, 2])
    #expect(schedule.start().isEmpty)
    #expect(schedule.ended(first[1]) == false)
    #expect(schedule.start().map(\.queued.offset) == [3])
    #expect(schedule.ended(first[0]) == false)
    #expect(schedule.start().map(\.queued.offset) == [1])
  }

  @Test("a deletion makes waiting creations void and stops the running one, of its cluster only")
  func deletion() {
    var schedule = RequestSchedule(maximumRunning: 2)
    _ = schedule.add(queued("a", at: 0))
    _ = schedule.add(queued("b", at: 1))
    let running = schedule.start()
    _ = schedule.add(queued("a", at: 2))
    let superseded = schedule.add(queued("a", .delete, at: 3))
    #expect(superseded.dropped.map(\.queued.offset) == [2])
    #expect(superseded.stopping?.queued.offset == 0)
    #expect(schedule.start().isEmpty)
    #expect(schedule.ended(running[0]) == true)
    #expect(schedule.start().map(\.queued.offset) == [3])
    #expect(schedule.ended(running[1]) == false)
  }

  @Test("what belongs to a partition that was taken away is let go")
  func revoked() {
    var schedule = RequestSchedule(maximumRunning: 1)
    _ = schedule.add(queued("a", at: 0))
    _ = schedule.start()
    _ = schedule.add(queued("b", at: 1))
    #expect(schedule.revoke([MemoryTopic.partition]).map(\.queued.offset) == [0])
    #expect(schedule.start().isEmpty)
    #expect(schedule.revoke([TopicPartition("other", 0)]).isEmpty)
  }
}
