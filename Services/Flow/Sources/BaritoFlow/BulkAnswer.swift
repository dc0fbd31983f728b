import Curl

/// What one attempt to send a bulk request came to.
enum BulkAnswer: Sendable, Equatable {
  /// Elasticsearch answered for each item.
  case settled(BulkOutcome, BulkResponse)
  /// The request as a whole is more than Elasticsearch takes, or it choked on one of its items: smaller ones tell which.
  case split(reason: String)
  /// Nobody knows what became of the items, or nothing did. Ids make it safe to send them again.
  case unknown(reason: String)
  /// The same, and the request was taken: the server may have broken over it, or need longer for it than we wait.
  case silent(reason: String)

  /// A request that got no answer.
  init(_ error: CurlError) {
    switch error.code {
    case .timeout where error.requestMayHaveBeenSent, .closed where error.requestMayHaveBeenSent:
      self = .silent(reason: error.detail)
    default: self = .unknown(reason: error.detail)
    }
  }

  init(_ response: CurlResponse, to request: BulkRequest) {
    switch response.status {
    case 200:
      if let items = BulkResponse(response.body.span, to: request) {
        self = .settled(BulkOutcome(items), items)
      } else {
        self = .unknown(
          reason: "the answer to a bulk request of \(request.count) items is cut, malformed or not in order")
      }
    case 400, 413:
      self = .split(reason: "\(response.status): \(response.text.prefix(300))")
    case 504:
      self = .silent(reason: "\(response.status): \(response.text.prefix(300))")
    default:
      self = .unknown(reason: "\(response.status): \(response.text.prefix(300))")
    }
  }
}
