import BaritoCore
import BaritoService
import HTTP
import KafkaTesting
import TestKit
import Testing

@testable import BaritoRouter

/// The machine's idea of the time may be set at any moment, in either direction.
@Suite(.timeLimit(.minutes(1))) struct ClockTests {
  private static let start: Int64 = 1_700_000_000_000
  private static let day: Int64 = 86_400_000
  private let secret: HTTPHeaders = ["X-App-Secret": "secret-Shop"]

  @Test("a wall clock that jumps a day changes no limit", arguments: [-day, day, -400 * day, 400 * day])
  func limits(jump: Int64) async throws {
    #expect(try await promises(jump) == promises(0))
  }

  /// What a sender is promised before and after the wall clock jumped, both of which are kept.
  private func promises(_ jump: Int64) async throws -> [UInt64] {
    let (wall, monotonic) = (Guarded(Self.start), Guarded<UInt64>(1_000_000_000))
    let clock = ServiceClock(wall: { wall.with { $0 } }, monotonic: { monotonic.with { $0 } })
    let app = AppProfile.named("Shop", limits: IngestLimits(linesPerSecond: 1))
    let router = try await RouterUnderTest(apps: [app], clock: clock)
    router.cluster.createTopic("shop_logs")
    let full = #"{"items":[1,2,3,4,5,6,7,8,9,10,11]}"#
    #expect(try await router.post("/produce_batch", secret, full).status == 200)
    var promises: [UInt64] = []
    for jump in [0, jump] {
      wall.with { $0 += jump }
      let refused = try await router.post("/produce_batch", secret, full)
      #expect(refused.status == 429)
      promises.append(try #require(refused.headers["Retry-After"].flatMap { UInt64($0) }))
    }
    var waited: UInt64 = 0
    for promise in promises {
      monotonic.with { [waited] in $0 += (promise - waited) * 1_000_000_000 }
      waited = promise
      #expect(try await router.post("/produce_batch", secret, full).status == 200, "after \(promise) s")
    }
    await router.close()
    return promises
  }

  @Test("a batch that was named before the clock jumped is taken again after it", arguments: [-day, day, 400 * day])
  func batchNames(jump: Int64) async throws {
    let wall = Guarded(Self.start)
    let clock = ServiceClock(wall: { wall.with { $0 } }, monotonic: { 0 })
    let router = try await RouterUnderTest(apps: [.named("Shop")], clock: clock)
    router.cluster.createTopic("shop_logs")
    var headers = secret
    headers["X-Barito-Batch-Id"] = "chunk-1"
    headers["X-Barito-Batch-Time"] = "2023-11-14T22:13:20Z"
    #expect(try await router.post("/produce_batch", headers, #"{"items":[{"a":1}]}"#).status == 200)
    wall.with { $0 += jump }
    #expect(try await router.post("/produce_batch", headers, #"{"items":[{"a":1}]}"#).status == 200)
    let records = try await router.records("shop_logs", 2)
    #expect(
      Set(records.map { $0.headers["barito-batch-time"] }) == ["\(Self.start)"], "one name, one day, one document")
    await router.close()
  }
}
