import BaritoCore
import HTTP

extension Refusal {
  /// The refusal as Elasticsearch would say it, with our `code` and numbers beside: clients repeat 429 and 503.
  var elasticsearchResponse: HTTPResponse {
    var json = JSONWriter()
    json.object { json in
      json.object("error") { json in
        cause(&json)
        json.array("root_cause") { json in json.object { cause(&$0) } }
      }
      json.member("status", status)
      json.member("code", code.rawValue)
      for member in members { json.member(member.name, member.value) }
    }
    var response = HTTPResponse.elasticsearch(json.bytes, status: status)
    if let seconds = retryAfterSeconds { response.headers["Retry-After"] = "\(seconds)" }
    for field in headers { response.headers[field.name] = field.value }
    if status == 401 { response.headers["WWW-Authenticate"] = #"Basic realm="Barito", charset="UTF-8""# }
    return response
  }

  private func cause(_ json: inout JSONWriter) {
    json.member("type", elasticsearchType)
    json.member("reason", detail)
  }

  /// As Elasticsearch calls it.
  private var elasticsearchType: String {
    switch code {
    case .malformed, .invalidBatch, .invalidAppName: "illegal_argument_exception"
    case .noSecret, .unknownSecret, .appInactive, .groupInactive, .tooManyApps: "security_exception"
    case .bodyTooLarge, .lineTooLarge, .tooManyItems: "content_too_long_exception"
    case .unsupportedEncoding: "media_type_header_exception"
    case .limit, .appBusy: "es_rejected_execution_exception"
    case .groupNotReady, .kafkaUnavailable, .marketUnavailable: "unavailable_shards_exception"
    }
  }
}
