import BaritoCore
import Compression
import HTTP
import Kafka
import KafkaTesting
import Logging
import TestKit
import Testing

@testable import BaritoRouter
@testable import BaritoService

@Suite(.timeLimit(.minutes(1))) struct ProduceTests {
  private let secret: HTTPHeaders = ["X-App-Secret": "secret-Shop", "Accept": "application/json"]

  @Test("an accepted batch lies where its receipt says, byte for byte")
  func receipt() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")])
    router.cluster.createTopic("shop_logs", partitions: 3)
    let items = (0..<50).map { #"{"n":\#($0).0,"@timestamp":"2026-11-22T00:00:00Z"}"# }
    // The first takes the slow way, the second that of nearly all lines.
    for round in 1...2 {
      let answer = try await router.post("/produce_batch", secret, #"{"items":[\#(items.joined(separator: ","))]}"#)
      #expect(answer.status == 200)
      let receipt = try answer.receipt
      #expect(receipt.topic == "shop_logs" && receipt.accepted == 50)
      #expect(receipt.bytes == items.reduce(0) { $0 + $1.utf8.count })
      #expect(receipt.receipt.reduce(0) { $0 + $1.count } == 50)
      let records = try await router.records("shop_logs", 50 * round)
      var stored: [String] = []
      for range in receipt.receipt {
        let held = records.filter {
          $0.partition == range.partition && $0.offset >= range.firstOffset && $0.offset <= range.lastOffset
        }
        #expect(held.count == range.count)
        stored += held.map(\.value)
      }
      #expect(stored.sorted() == items.sorted())
    }
    #expect(router.metric(#"barito_router_accepted_lines_total{protocol="produce"} 100"#))
    await router.close()
  }

  @Test("the first Barito's plugin is served unmodified: gzip, a group's secret, the topic's name as the answer")
  func plugin() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")])
    router.cluster.createTopic("shop_logs")
    let headers: HTTPHeaders = [
      "Content-Type": "application/json", "Content-Encoding": "gzip", "X-App-Group-Secret": "group-haza",
      "X-App-Name": "Shop", "Accept": "*/*",
    ]
    let timber =
      #"{"tag":"t","@message":"m","@timestamp":"2026-11-22T10:00:00Z","client_trail":{"is_k8s":false,"hints":[]}}"#
    let batch = try await router.post(
      "/produce_batch", headers, Deflater.deflate(Array(#"{"items":[\#(timber)]}"#.utf8), as: .gzip))
    #expect(batch.status == 200 && batch.text == "shop_logs\n")
    let single = try await router.post("/produce", headers, Deflater.deflate(Array(timber.utf8), as: .gzip))
    #expect(single.status == 200 && single.text == "shop_logs\n")
    #expect(try await router.records("shop_logs", 2).map(\.value) == [timber, timber])
    await router.close()
  }

  @Test("lines come as NDJSON too, and with a bearer token")
  func lines() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")])
    router.cluster.createTopic("shop_logs")
    let headers: HTTPHeaders = [
      "Authorization": "Bearer secret-Shop", "Content-Type": "application/x-ndjson; charset=utf-8",
    ]
    let answer = try await router.post(
      "/produce_batch", headers, "{\"@timestamp\":\"a\"}\n\n{\"@timestamp\":\"b\"}\n")
    #expect(answer.status == 200)
    #expect(
      try await router.records("shop_logs", 2).map(\.value) == [#"{"@timestamp":"a"}"#, #"{"@timestamp":"b"}"#])
    await router.close()
  }

  @Test("items that are no objects are stored as messages")
  func wrapped() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")])
    router.cluster.createTopic("shop_logs")
    let answer = try await router.post("/produce_batch", secret, #"{"items":["a\nb",[1],null]}"#)
    #expect(try answer.receipt.accepted == 3)
    let values = try await router.records("shop_logs", 3).map(\.value)
    #expect(
      zip(values, [#"{"message":"a\nb","#, #"{"message":"[1]","#, #"{"message":"null","#]).allSatisfy {
        $0.hasPrefix($1)
      })
    #expect(router.metric("barito_router_wrapped_lines_total 3"))
    await router.close()
  }

  @Test("an empty batch is accepted and stores nothing")
  func empty() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")])
    router.cluster.createTopic("shop_logs")
    for _ in 0..<2 {
      let answer = try await router.post("/produce_batch", secret, #"{"items":[]}"#)
      #expect(try answer.status == 200 && answer.receipt.accepted == 0 && answer.receipt.receipt.isEmpty)
    }
    await router.close()
  }

  @Test("a named batch carries its name and places in every try, and its records the Router's time")
  func named() async throws {
    let clock = ServiceClock(wall: { 1_700_000_000_000 }, monotonic: { 0 })
    let router = try await RouterUnderTest(apps: [.named("Shop")], clock: clock)
    router.cluster.createTopic("shop_logs")
    var headers = secret
    headers["X-Barito-Batch-Id"] = "chunk-1"
    headers["X-Barito-Batch-Time"] = "2023-11-14T22:13:20Z"
    for _ in 0..<2 {
      #expect(try await router.post("/produce_batch", headers, #"{"items":[{"a":1},{"a":2}]}"#).status == 200)
    }
    let records = try await router.records("shop_logs", 4)
    #expect(records.map { $0.headers["barito-batch-item"] } == ["0", "1", "0", "1"])
    #expect(Set(records.map { $0.headers["barito-batch-id"] }) == ["chunk-1"])
    #expect(Set(records.map { $0.headers["barito-batch-time"] }) == ["1700000000000"])
    #expect(Set(records.map(\.timestamp)) == [1_700_000_000_000])
    await router.close()
  }

  @Test("with Kafka away a batch is refused in time, its budget is given back, and later batches are taken")
  func brokerDown() async throws {
    let app = AppProfile.named("Shop", limits: IngestLimits(linesPerSecond: 1))
    let router = try await RouterUnderTest(apps: [app], timeout: .seconds(2))
    router.cluster.createTopic("shop_logs")
    #expect(try await router.post("/produce", secret, "{}").status == 200)
    router.cluster.takeDown()
    let start = ContinuousClock.now
    for _ in 0..<2 {
      let refused = try await router.post("/produce_batch", secret, #"{"items":[1,2,3,4,5,6,7,8,9]}"#)
      #expect(refused.status == 503 && refused.headers["Retry-After"] == "1")
      #expect(try refused.problem.code == "kafka_unavailable")
    }
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(router.metric(#"barito_router_refused_requests_total{code="kafka_unavailable"} 2"#))
    router.cluster.bringUp()
    try await eventually("it is taken again") {
      try await router.post("/produce_batch", secret, #"{"items":[{"a":1}]}"#).status == 200
    }
    await router.close()
  }

  @Test("with Kafka away from the start, many new topics together wait no longer than one")
  func topicsUnknown() async throws {
    let apps = (1...8).map { AppProfile.named("app\($0)", id: Int64($0)) }
    let router = try await RouterUnderTest(apps: apps, timeout: .seconds(2))
    router.cluster.takeDown()
    let start = ContinuousClock.now
    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
      for app in apps {
        group.addTask { try await router.post("/produce", ["X-App-Secret": "secret-\(app.name)"], "{}").status }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses == Array(repeating: 503, count: 8))
    #expect(ContinuousClock.now - start < .seconds(6))
    await router.close()
  }

  @Test("a producer that failed for good is replaced")
  func fatal() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")], timeout: .seconds(3))
    router.cluster.createTopic("shop_logs")
    #expect(try await router.post("/produce", secret, "{}").status == 200)
    router.cluster.pushRequestErrors(.produce, [.outOfOrderSequence])
    #expect(try await router.post("/produce", secret, "{}").status == 503)
    try await eventually("it is taken again") { try await router.post("/produce", secret, "{}").status == 200 }
    await router.close()
  }

  @Test("a line that Kafka finds too large is refused for good")
  func tooLargeForKafka() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")])
    router.cluster.createTopic("shop_logs")
    #expect(try await router.post("/produce", secret, "{}").status == 200)
    router.cluster.pushRequestErrors(.produce, [.messageTooLarge])
    let answer = try await router.post("/produce", secret, "{}")
    #expect(answer.status == 413 && answer.headers["Retry-After"] == nil)
    await router.close()
  }

  @Test("lines, bytes and refusals are counted once for the app")
  func usage() async throws {
    let app = AppProfile.named("Shop", id: 9, limits: IngestLimits(linesPerSecond: 1))
    let router = try await RouterUnderTest(apps: [app])
    router.cluster.createTopic("shop_logs")
    let body = #"{"items":[1,2,3,4,5,6,7,8,9,10,11]}"#
    let first = try await router.post("/produce_batch", secret, body)
    let second = try await router.post("/produce_batch", secret, body)
    #expect(first.status == 200 && second.status == 429)
    #expect(second.headers["Retry-After"] == "2" || second.headers["Retry-After"] == "1")
    #expect(second.headers["RateLimit-Policy"] == #""app-lines";q=10;w=10;qu="lines""#)
    #expect(second.headers["RateLimit"]?.hasPrefix(#""app-lines";r=0;t="#) == true)
    #expect(
      second.text.contains(#""limit_per_second":1,"used":11,"quota":10,"window_seconds":10,"routers":1,"lines":11"#))
    #expect(router.metric(#"barito_router_limited_requests_total{holder="app",unit="lines"} 1"#))
    #expect(try await router.post("/produce_batch", secret, "nonsense").status == 400)
    let usage = try #require(router.usage.take(now: 1).apps.first)
    #expect(usage.accepted == 11)
    #expect(try usage.bytes == Int64(first.receipt.bytes))
    #expect(usage.refused == ["limit": 11, "malformed": 1])
    await router.close()
  }

  @Test("an app that absorbs is never refused for its limit, and what was over it is counted")
  func absorb() async throws {
    let app = AppProfile.named("Shop", limits: IngestLimits(linesPerSecond: 1), overload: .absorb)
    let router = try await RouterUnderTest(apps: [app])
    router.cluster.createTopic("shop_logs")
    for _ in 0..<3 {
      #expect(try await router.post("/produce_batch", secret, #"{"items":[1,2,3,4,5,6,7,8,9,10,11]}"#).status == 200)
    }
    #expect(router.metric("barito_router_absorbed_lines_total 22"))
    await router.close()
  }

  @Test("a dry run says what would be stored and stores nothing")
  func dryRun() async throws {
    let router = try await RouterUnderTest(apps: [.named("Shop")])
    let answer = try await router.post(
      "/produce_batch?dry_run=1", ["X-App-Secret": "secret-Shop"], #"{"items":[{"a":1.10,"@timestamp":"t"},"text"]}"#)
    #expect(answer.status == 200)
    #expect(answer.text.hasPrefix(#"{"dry_run":true,"topic":"shop_logs","accepted":2,"bytes":"#))
    #expect(answer.text.contains(#""documents":[{"a":1.10,"@timestamp":"t"},{"message":"text","@timestamp":""#))
    let broken = try await router.post("/produce?dry_run=1", ["X-App-Secret": "secret-Shop"], "{")
    #expect(try broken.status == 400 && broken.problem.code == "malformed")
    let unknown = try await router.post(
      "/produce?dry_run=1", ["X-App-Group-Secret": "group-haza", "X-App-Name": "New App"], "{}")
    #expect(unknown.status == 200 && unknown.text.contains(#""topic":"new-app_logs""#))
    let destination = try #require(router.profiles.read { $0.groups[ClusterName("haza")]?.cluster })
    #expect(!router.clusters[destination].knows("shop_logs"))
    #expect(!router.metric(#"barito_router_accepted_lines_total{protocol="produce"} 2"#))
    await router.close()
  }
}
