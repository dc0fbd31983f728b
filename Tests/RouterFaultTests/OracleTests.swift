import KafkaTesting
import TestKit
import Testing

/// What the other tests stand on.
@Suite(.timeLimit(.minutes(2))) struct OracleTests {
  @Test("the oracle finds what was sent, and misses what was not")
  func misses() async throws {
    let cluster = MockCluster()
    cluster.createTopic("shop_logs")
    let router = try await RouterProcess(kafka: cluster.bootstraps)
    let sent = Sent()
    async let shipping: Void = sent.send(to: router, name: "sender")
    try await eventually("lines are acknowledged") { sent.now.acknowledged.count > 20 }
    sent.stop()
    await shipping
    let oracle = Conservation(kafka: cluster.configuration())
    try await oracle.expect(sent.now)
    var lost = sent.now
    lost.acknowledged.insert(Sent.Line(batch: "sender-0", item: 9_999))
    await withKnownIssue { try await oracle.expect(lost, within: .seconds(3)) }
    var foreign = sent.now
    foreign.tried.remove(Sent.Line(batch: "sender-0", item: 0))
    await withKnownIssue { try await oracle.expect(foreign, within: .seconds(20)) }
    await router.stop()
  }
}
