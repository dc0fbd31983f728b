import BaritoCore
import HTTP
import KafkaTesting
import TestKit
import Testing

@testable import BaritoRouter
@testable import BaritoService

/// When secrets were used is told of whatever protocol they came by.
@Suite(.timeLimit(.minutes(1))) struct SecretUseTests {
  private let clock = ServiceClock(wall: { 1_700_000_000_000 }, monotonic: { 1 })

  private func used(_ router: RouterUnderTest) -> [SecretUse] { router.usage.secrets.take(now: 0) }

  @Test(
    "the secret that let a request in is noted, in whatever header it came",
    arguments: [
      ("X-App-Secret", "secret-Shop", "secret-Shop"), ("Authorization", "Bearer secret-Shop", "secret-Shop"),
      ("Authorization", "Basic YW55OnNlY3JldC1TaG9w", "secret-Shop"),
      ("Authorization", "Basic U2hvcDpncm91cC1oYXph", "group-haza"), ("X-App-Group-Secret", "group-haza", "group-haza"),
    ])
  func headers(name: String, value: String, secret: String) async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")], clock: clock)
    let answer = try await router.post("/produce?dry_run=1", [name: value, "X-App-Name": "Shop"], "{}")
    #expect(answer.status == 200)
    #expect(used(router) == [SecretUse(SecretHash(of: secret), at: 1_700_000_000_000)])
    await router.close()
  }

  @Test("a secret that lets nobody in is not noted", arguments: ["nonsense", "secret-Off"])
  func refused(secret: String) async throws {
    let router = try await RouterUnderTest(apps: [.named("Off", status: .inactive)], clock: clock)
    #expect(try await router.post("/produce", ["X-App-Secret": secret], "{}").status >= 401)
    #expect(used(router) == [])
    await router.close()
  }

  @Test("a secret whose app is over its limit is in use all the same")
  func overLimit() async throws {
    let router = try await RouterUnderTest(
      apps: [.named("Shop", limits: IngestLimits(linesPerSecond: 1))], clock: clock)
    router.cluster.createTopic("shop_logs")
    let headers: HTTPHeaders = ["X-App-Secret": "secret-Shop"]
    let body = #"{"items":[1,2,3,4,5,6,7,8,9,10,11]}"#
    #expect(try await router.post("/produce_batch", headers, body).status == 200)
    #expect(used(router).count == 1)
    _ = router.usage.secrets.take(now: SecretUses.round)
    #expect(try await router.post("/produce_batch", headers, body).status == 429)
    #expect(used(router).count == 1)
    await router.close()
  }

  @Test("forward and syslog note secrets too")
  func streams() async throws {
    let forward = try await ForwardRouter()
    let fluentd = try RawSocket(port: forward.port)
    try await fluentd.send(ForwardWire.message("\(ForwardRouter.secret).app.web", "a", chunk: "1"))
    try await fluentd.expectAck("1")
    #expect(used(forward.router).map(\.secret) == [SecretHash(of: ForwardRouter.secret)])
    await forward.close()

    let syslog = try await SyslogRouter()
    let sender = try RawSocket(port: syslog.port)
    try await sender.send(SyslogWire.line("a"))
    #expect(try await syslog.texts(1) == ["a"])
    #expect(used(syslog.router).map(\.secret) == [SecretHash(of: SyslogRouter.secret)])
    await syslog.close()
  }
}
