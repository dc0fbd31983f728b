import Curl
import FaultKit
import Glibc
import Kafka
import TestKit
import Testing

/// What becomes of lines when something dies, with real brokers and a Router as a process. One at a time: each has
/// brokers of its own.
@Suite(
  .serialized, .timeLimit(.minutes(5)),
  .enabled(if: Engine.command != nil, "make test starts real servers where it can"))
struct KafkaFaultTests {
  /// What is done to a broker.
  enum Fault: String, CaseIterable, CustomTestStringConvertible {
    case stopped
    case paused = "paused by SIGSTOP"
    case cutOff = "cut off without a word"

    var testDescription: String { rawValue }

    func begin(_ kafka: RealKafka) async throws {
      switch self {
      case .stopped: try await kafka.stopBroker()
      case .paused: try kafka.send(SIGSTOP)
      case .cutOff: try await kafka.cutOff()
      }
    }

    func end(_ kafka: RealKafka) async throws {
      switch self {
      case .stopped: try await kafka.restart()
      case .paused: try kafka.send(SIGCONT)
      case .cutOff: try await kafka.connect()
      }
    }
  }

  @Test("a Router that is killed again and again under load has lost no line that it acknowledged")
  func killed() async throws {
    try await withRouter { kafka, router in
      let sent = Sent()
      try await withSenders(sent, router) {
        for _ in 0..<6 {
          let before = sent.now.acknowledged.count
          try await eventually(within: .seconds(40), "lines are acknowledged") {
            sent.now.acknowledged.count > before + 200
          }
          await router.kill()
          try await router.start()
        }
      }
      try await Conservation(kafka: kafka.configuration).expect(sent.now)
    }
  }

  @Test(
    "while the only broker is away requests are refused within a second, memory is flat, and lines are taken again without a restart",
    arguments: Fault.allCases)
  func brokerAway(fault: Fault) async throws {
    let outage = Double(environmentVariable("BARITO_TEST_OUTAGE") ?? "") ?? 10
    try await withRouter(isProxied: fault == .cutOff, RouterProcess.impatient) { kafka, router in
      let sent = Sent()
      let pid = router.pid
      try await withSenders(sent, router, senders: 6, filler: 2000) {
        try await eventually(within: .seconds(40), "lines are acknowledged") { sent.now.acknowledged.count > 500 }
        let memory = router.residentBytes
        var peak = memory
        try await fault.begin(kafka)
        let start = ContinuousClock.now
        try await expectQuickRefusals(router, kafka)
        while ContinuousClock.now - start < .seconds(outage) {
          peak = max(peak, router.residentBytes)
          try await Task.sleep(for: .milliseconds(100))
        }
        #expect(peak - memory < 100 << 20, "\(memory) bytes before, \(peak) while the broker was away")
        let before = sent.now.acknowledged.count
        try await fault.end(kafka)
        try await eventually(within: .seconds(60), "lines are taken again") {
          sent.now.acknowledged.count > before + 500
        }
      }
      #expect(router.pid == pid && router.isRunning)
      #expect(sent.now.answers[0] == nil, "requests without an answer: \(sent.now.answers)")
      try await Conservation(kafka: kafka.configuration).expect(sent.now)
    }
  }

  @Test("while too few replicas are in sync requests are refused with a time to come back, and taken once they are")
  func tooFewReplicas() async throws {
    try await withRouter(brokers: 2, RouterProcess.impatient) { kafka, router in
      let sent = Sent()
      try await withSenders(sent, router) {
        try await eventually(within: .seconds(60), "lines are acknowledged") { sent.now.acknowledged.count > 200 }
        try kafka.send(SIGKILL, node: 1)
        try await expectQuickRefusals(router, kafka)
        // One broker is there all the time and must not take lines alone.
        try await eventually(within: .seconds(60), "nothing is acknowledged") {
          let before = sent.now.acknowledged.count
          try await Task.sleep(for: .seconds(2))
          return sent.now.acknowledged.count == before
        }
        let before = sent.now.acknowledged.count
        try await kafka.restart()
        try await eventually(within: .seconds(90), "lines are taken again") {
          sent.now.acknowledged.count > before + 200
        }
      }
      try await Conservation(kafka: kafka.configuration).expect(sent.now)
    }
  }

  @Test("a Router that is asked to stop under load answers what it has begun to read, and keeps what it acknowledged")
  func stopped() async throws {
    try await withRouter { kafka, router in
      let last = LastRequests()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<8 { group.addTask { await last.send(to: router, name: "stop-\(number)") } }
        try await eventually(within: .seconds(40), "lines are acknowledged") { last.sent.acknowledged.count > 300 }
        last.signal { router.send(SIGTERM) }
        #expect(try await router.waitForExit(within: .seconds(60)) == 0)
        last.stop()
        try await group.waitForAll()
      }
      try await Conservation(kafka: kafka.configuration).expect(last.sent)
    }
  }

  /// Requests are refused within a second, those too that wait when Kafka falls silent, and say when to come back.
  ///
  /// One at a time goes on trying and may wait; three in a row that do not are proof enough.
  private func expectQuickRefusals(_ router: RouterProcess, _ kafka: RealKafka) async throws {
    var answers: [String] = []
    var quick = 0
    let client = CurlClient()
    do {
      try await eventually(within: .seconds(60), "requests are refused within a second") {
        let start = ContinuousClock.now
        let answer = try await router.post("/produce", Array("{}".utf8), with: client)
        let time = ContinuousClock.now - start
        if answer.status == 503 { #expect(answer[header: "Retry-After"] == "1") }
        answers.append("\(answer.status) after \(time): \(answer.text)")
        quick = answer.status == 503 && time < .seconds(1) ? quick + 1 : 0
        return quick >= 3
      }
    } catch {
      let admin = try KafkaAdmin(kafka.configuration)
      let topic = try? await admin.describe("shop_logs", timeout: .seconds(5))
      await admin.close()
      throw NeverHappened(
        description: "\(error); \(answers.count) answers, the last: \(answers.suffix(5)); the topic: "
          + "\(topic.map { "\($0)" } ?? "not to be had")")
    }
  }

  private func withRouter(
    brokers: Int = 1, isProxied: Bool = false, _ settings: [String: String] = [:],
    _ body: (RealKafka, RouterProcess) async throws -> Void
  ) async throws {
    let kafka = try await RealKafka(brokers: brokers, isProxied: isProxied)
    do {
      let router = try await RouterProcess(
        kafka: kafka.brokers, replicas: brokers, minimumReplicas: brokers, settings: settings)
      do {
        try await body(kafka, router)
      } catch {
        Issue.record("\(error)\n\(router.lastWords)")
      }
      await router.stop()
    } catch {
      await kafka.stop()
      throw error
    }
    await kafka.stop()
  }

  /// Runs the body while senders send; they end when it does.
  private func withSenders(
    _ sent: Sent, _ router: RouterProcess, senders: Int = 4, filler: Int = 100, _ body: () async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<senders {
        group.addTask { await sent.send(to: router, name: "sender-\(number)", filler: filler) }
      }
      defer { sent.stop() }
      try await body()
    }
  }
}
