import BaritoCore
import HTTP

/// Answers in OTLP's own messages, in the encoding that was asked in.
struct OTLPAnswer {
  let encoding: OTLPEncoding

  /// `ExportLogsServiceResponse { ExportLogsPartialSuccess partial_success = 1; }`, empty where everything was taken.
  func stored(_ leftOut: LeftOut) -> HTTPResponse {
    guard leftOut.count > 0 else { return response(200, encoding == .json ? Array("{}".utf8) : []) }
    switch encoding {
    case .protobuf:
      var message = ProtobufWriter()
      message.message(1) { partial in
        partial.integer(1, Int64(leftOut.count))
        partial.string(2, leftOut.message)
      }
      return response(200, message.bytes)
    case .json:
      var json = JSONWriter()
      json.object { json in
        json.object("partialSuccess") { json in
          // 64 bits are text in protobuf's JSON.
          json.member("rejectedLogRecords", String(leftOut.count))
          json.member("errorMessage", leftOut.message)
        }
      }
      return response(200, json.bytes)
    }
  }

  /// `google.rpc.Status { int32 code = 1; string message = 2; }`, with `Retry-After` where retrying helps.
  func refused(_ refusal: Refusal) -> HTTPResponse {
    let message = "\(refusal.code.rawValue): \(refusal.detail)"
    var bytes: [UInt8]
    switch encoding {
    case .protobuf:
      var status = ProtobufWriter()
      status.integer(1, Self.code(refusal))
      status.string(2, message)
      bytes = status.bytes
    case .json:
      var json = JSONWriter()
      json.object { json in
        json.member("code", Self.code(refusal))
        json.member("message", message)
      }
      bytes = json.bytes
    }
    var response = response(refusal.status, bytes)
    for (name, value) in refusal.response.headers.pairs where name != "Content-Type" {
      response.headers.add(name, value)
    }
    return response
  }

  private func response(_ status: Int, _ bytes: [UInt8]) -> HTTPResponse {
    HTTPResponse(status: status, headers: ["Content-Type": encoding.contentType], body: .bytes(bytes))
  }

  /// The number of google.rpc.Code that says the same.
  static func code(_ refusal: Refusal) -> Int64 {
    switch refusal.code {
    case .malformed, .invalidBatch, .invalidAppName, .unsupportedEncoding: 3  // INVALID_ARGUMENT
    case .bodyTooLarge, .lineTooLarge, .tooManyItems: 3
    case .noSecret, .unknownSecret: 16  // UNAUTHENTICATED
    case .appInactive, .groupInactive, .tooManyApps: 7  // PERMISSION_DENIED
    case .limit: refusal.status == 503 ? 14 : 8  // RESOURCE_EXHAUSTED
    case .appBusy, .groupNotReady, .kafkaUnavailable, .marketUnavailable: 14  // UNAVAILABLE
    }
  }
}
