import BaritoCore
import HTTP

/// Barito's own calls, as the first Barito had them: `POST /produce` and `POST /produce_batch`.
struct ProduceProtocol: IngestProtocol {
  /// What a request's headers say of its body and of the answer.
  struct Form: Sendable {
    var format: ProduceFormat
    var wantsReceipt: Bool
  }

  static let name = "produce"
  static let routes = [IngestRoute("POST", "/produce"), IngestRoute("POST", "/produce_batch")]

  func form(of request: HTTPRequest) -> Form {
    let format: ProduceFormat =
      request.path == "/produce" ? .single : ProduceProtocol.isNDJSON(request) ? .ndjson : .items
    return Form(format: format, wantsReceipt: request.headers["Accept"]?.contains("application/json") ?? false)
  }

  func read(
    _ body: Span<UInt8>, _ form: Form, into writer: inout DocumentBatchWriter
  ) throws(IngestRejection) {
    try ProduceReader.read(body, as: form.format, into: &writer)
  }

  /// The topic and a line feed, as the first Barito answered; JSON for whoever asks for it.
  func answer(_ receipt: Receipt, _ form: Form, _: Void) -> HTTPResponse {
    form.wantsReceipt ? .json(receipt.jsonBytes) : .text(receipt.topic + "\n")
  }

  private static func isNDJSON(_ request: HTTPRequest) -> Bool {
    guard let type = request.headers["Content-Type"]?.lowercased() else { return false }
    return type.hasPrefix("application/x-ndjson") || type.hasPrefix("application/jsonl")
  }
}
