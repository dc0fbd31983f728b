import Curl
import Testing

@testable import BaritoFlow

@Suite struct RetriesTests {
  private struct Unsettled: Error {}

  @Test("a server that refuses items for want of capacity is left alone for longer each time, though it answers")
  func overload() throws {
    let busy = #"{"items":[{"create":{"status":429}}]}"#
    var request = BulkRequest()
    request.create(record: 0, index: Array("a".utf8), id: Array("1".utf8), document: Array("{}".utf8).span)
    let answer = BulkAnswer(CurlResponse(status: 200, body: Array(busy.utf8)), to: request)
    guard case .settled = answer else { throw Unsettled() }
    var retries = Retries(answered: 0)
    let waits = (1...4).map { retries.waits(after: answer, answered: $0) }
    #expect(waits == [0, 1, 2, 3])
    retries.goesOn(answered: 5)
    #expect(retries.failures == 0)
  }

  @Test("a request that comes to nothing waits for longer each time, unless others are answered meanwhile")
  func suspects() {
    var retries = Retries(answered: 7)
    let suspect = BulkAnswer.suspect(reason: "403", isSilent: false)
    let alone = (1...3).map { _ in retries.waits(after: suspect, answered: 7) }
    let beside = (8...10).map { retries.waits(after: suspect, answered: $0) }
    #expect(alone == [0, 1, 2] && beside == [0, 0, 0])
    // A server that may break over it is not hurried.
    let silent = (11...13).map { retries.waits(after: .suspect(reason: "closed", isSilent: true), answered: $0) }
    #expect(silent == [1, 2, 3])
  }
}
