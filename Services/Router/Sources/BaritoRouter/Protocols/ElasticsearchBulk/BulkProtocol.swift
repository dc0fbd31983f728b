import BaritoCore
import HTTP

/// Elasticsearch's `_bulk`, so that everything that ships to Elasticsearch ships here.
///
/// The app is told by the credentials. An index, in the path or in an action, sends nothing anywhere: the answer repeats
/// it, and that is all.
struct BulkProtocol: IngestProtocol {
  /// What a request's line says of its answer.
  struct Form: Sendable {
    /// Of actions that name none.
    var index: String
    var filter: FilterPath
    var start: ContinuousClock.Instant
  }

  static let name = "elasticsearch_bulk"
  static let routes = [
    IngestRoute("POST", "/_bulk"), IngestRoute("PUT", "/_bulk"), IngestRoute("POST", "/{index}/_bulk"),
    IngestRoute("PUT", "/{index}/_bulk"),
  ]

  /// What the answer calls the index where nobody named one.
  static let defaultIndex = "logs"

  func form(of request: HTTPRequest) -> Form {
    Form(
      index: request.parameters["index"] ?? BulkProtocol.defaultIndex,
      filter: FilterPath(request.query.first("filter_path")), start: .now)
  }

  func read(
    _ body: Span<UInt8>, _ form: Form, into writer: inout DocumentBatchWriter
  ) throws(IngestRejection) -> BulkItems {
    try BulkReader.read(body, form, into: &writer)
  }

  /// `{"took","errors","items":[…]}`, one item for each action in the order of the request. Fluent Bit, whose buffer may be
  /// too small for the whole of it, looks for `"errors":false,"items":[`: they stand together.
  func answer(_ receipt: Receipt, _ form: Form, _ items: BulkItems) -> HTTPResponse {
    var json = JSONWriter()
    json.object { json in
      if form.filter.includes("took") {
        json.member("took", Int((ContinuousClock.now - form.start) / .milliseconds(1)))
      }
      if form.filter.includes("errors") { json.member("errors", items.hasErrors) }
      if items.isShown {
        json.array("items") { json in
          if !items.bytes.isEmpty { json.value(json: items.bytes.span) }
        }
      }
    }
    return .elasticsearch(json.bytes)
  }

  func answer(_ refusal: Refusal, _: Form?) -> HTTPResponse { refusal.elasticsearchResponse }
}

extension HTTPResponse {
  /// JSON that Elasticsearch might have sent: clients of version 7.14 and later go on only where the header says so.
  static func elasticsearch(_ json: [UInt8], status: Int = 200) -> HTTPResponse {
    .json(json, status: status).with("X-elastic-product", "Elasticsearch")
  }
}
