import Curl
import Testing

@testable import BaritoFlow

@Suite struct BulkTests {
  /// A request of documents whose ids are their numbers.
  private func request(_ count: Int) -> BulkRequest {
    var request = BulkRequest()
    for record in 0..<count {
      request.create(
        record: record, index: [0x61], id: Array("\(record)".utf8), document: Array(#"{"n":\#(record)}"#.utf8).span)
    }
    return request
  }

  private func response(_ text: String, _ count: Int) -> BulkResponse? {
    BulkResponse(Array(text.utf8).span, to: request(count))
  }

  /// What Elasticsearch says of documents that it created.
  private func created(_ ids: [String]) -> String {
    #"{"errors":false,"items":["#
      + ids.map { #"{"create":{"_id":"\#($0)","status":201}}"# }.joined(separator: ",") + "]}"
  }

  @Test("an answer that all documents were created is read, whatever it looks like")
  func allCreated() {
    let all = Array(repeating: BulkResponse.Item(status: 201), count: 3)
    #expect(response(created(["0", "1", "2"]), 3)?.items == all)
    #expect(response(created(["0", "1", "2"]).replacing(",", with: " , "), 3)?.items == all)
    #expect(response(created(["0", "1"]), 3) == nil)
    #expect(response(created(["0", "1", "2", "3"]), 3) == nil)
    #expect(response(created(["0", "1", "2"]) + "x", 3) == nil)
    #expect(response(String(created(["0", "1", "2"]).dropLast()), 3) == nil)
  }

  @Test("an answer in another order than the request says nothing")
  func reordered() {
    #expect(response(created(["1", "0"]), 2) == nil)
    let mixed = #"{"errors":true,"items":[{"create":{"_id":"1","status":400}},{"create":{"_id":"0","status":201}}]}"#
    #expect(response(mixed, 2) == nil)
    let unnamed = #"{"errors":true,"items":[{"create":{"status":400}},{"create":{"status":201}}]}"#
    #expect(response(unnamed, 2) == nil, "nobody knows which of them was refused")
    let same = #"{"errors":true,"items":[{"create":{"status":409}},{"create":{"status":409}}]}"#
    #expect(response(same, 2)?.items.map(\.status) == [409, 409])
  }

  @Test("an answer of Elasticsearch 8 is read: status, type, reason and its cause")
  func read() {
    let text =
      #"{"errors":true,"items":[{"create":{"_id":"0","status":201}},{"create":{"_id":"1","status":400,"error":{"type":"document_parsing_exception","reason":"[1:6] failed to parse","caused_by":{"type":"x","reason":"For input"}}}},{"create":{"error":{"caused_by":{"reason":"c"},"type":"t","reason":"r"},"_id":"2","status":400}}]}"#
    #expect(
      response(text, 3)?.items == [
        .init(status: 201),
        .init(status: 400, errorType: "document_parsing_exception", reason: "[1:6] failed to parse: For input"),
        .init(status: 400, errorType: "t", reason: "r: c"),
      ])
  }

  @Test(
    "what is not a whole answer to the request says nothing",
    arguments: [
      "", "{}", "[]", "null", #"{"items":{}}"#, #"{"items":[]}"#, #"{"items":[{"create":{"status":201}}]"#,
      #"{"items":[{"create":{"status":201}}]}"#,
      #"{"items":[{"create":{"status":201}},{"create":{"status":201}},{"create":{"status":201}}]}"#,
      #"{"items":[{"create":{"status":201}},{"create":{}}]}"#, #"{"items":[{"create":{"status":201}},{}]}"#,
      #"{"items":[{"create":{"status":201}},7]}"#,
      #"{"items":[{"create":{"status":201}},{"create":{"status":"201"}}]}"#,
    ])
  func unreadable(text: String) {
    #expect(response(text, 2) == nil)
    guard case .suspect(_, false) = BulkAnswer(CurlResponse(status: 200, body: Array(text.utf8)), to: request(2)) else {
      Issue.record("it was taken for an answer")
      return
    }
  }

  @Test(
    "only what is said of the document itself is final",
    arguments: [
      (201, "", .indexed), (200, "", .indexed), (409, "version_conflict_engine_exception", .duplicate),
      (400, "document_parsing_exception", .refused), (400, "mapper_parsing_exception", .refused),
      (400, "illegal_argument_exception", .refused), (413, "", .refused),
      (429, "es_rejected_execution_exception", .retry),
      (503, "unavailable_shards_exception", .park), (500, "", .park), (403, "cluster_block_exception", .park),
      (429, "cluster_block_exception", .park), (403, "security_exception", .park),
      (404, "index_not_found_exception", .park), (400, "validation_exception", .park),
      (400, "index_closed_exception", .park), (400, BulkResponse.Item.noIndex, .park), (0, "", .park),
    ] as [(Int, String, BulkOutcome.Verdict)])
  func verdicts(status: Int, type: String, verdict: BulkOutcome.Verdict) {
    #expect(BulkOutcome.verdict(on: .init(status: status, errorType: type)) == verdict)
  }

  @Test(
    "what is said of an operator's settings is waited out",
    arguments: ["pipeline with id [x] does not exist", "no write index is defined for alias [x]. The write index may…"])
  func settings(reason: String) {
    let item = BulkResponse.Item(status: 400, errorType: "illegal_argument_exception", reason: reason)
    #expect(BulkOutcome.verdict(on: item) == .park)
  }

  @Test(
    "the answer as a whole is split, waited out or read", arguments: [200, 400, 401, 403, 404, 413, 429, 500, 502, 503])
  func answers(status: Int) {
    let answer = BulkAnswer(
      CurlResponse(status: status, body: Array(#"{"items":[{"create":{"status":201}}]}"#.utf8)), to: request(1))
    switch (answer, status) {
    case (.settled, 200), (.split, 400), (.split, 413): break
    case (.suspect, 403), (.suspect, 500): break
    case (.unknown, let status) where ![200, 400, 403, 413, 500].contains(status): break
    default: Issue.record("\(status) gave \(answer)")
    }
  }

  @Test("halves hold every item once")
  func halves() {
    let request = request(7)
    let (first, second) = request.halves
    #expect(first.bytes + second.bytes == request.bytes)
    #expect(first.items.map(\.record) + second.items.map(\.record) == Array(0..<7))
    #expect(request.subset([6, 0]).addresses.map(\.id) == ["6", "0"])
  }
}
