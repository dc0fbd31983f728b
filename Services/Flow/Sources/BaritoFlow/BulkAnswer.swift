import Curl

/// What one attempt to send a bulk request came to.
enum BulkAnswer: Sendable, Equatable {
  /// Elasticsearch answered for each item.
  case settled(BulkOutcome, BulkResponse)
  /// The request as a whole is more than Elasticsearch takes, or it choked on one of its items: smaller ones tell which.
  case split(reason: String)
  /// Nobody knows what became of the items, or nothing did. Ids make it safe to send them again.
  case unknown(reason: String)
  /// The same, and it may be the request's own fault: the server broke over it or needs longer for it than we wait, or
  /// something before the server does not let it pass.
  ///
  /// - Parameter isSilent: there was no answer at all, as there is none from a server that has too much to do.
  case suspect(reason: String, isSilent: Bool)

  /// A request that got no answer.
  init(_ error: CurlError) {
    switch error.code {
    case .timeout where error.requestMayHaveBeenSent, .closed where error.requestMayHaveBeenSent:
      self = .suspect(reason: error.detail, isSilent: true)
    default: self = .unknown(reason: error.detail)
    }
  }

  init(_ response: CurlResponse, to request: BulkRequest) {
    switch response.status {
    case 200:
      if let items = BulkResponse(response.body.span, to: request) {
        self = .settled(BulkOutcome(items), items)
      } else {
        self = .suspect(
          reason: "the answer to a bulk request of \(request.count) items is cut, malformed or not in order",
          isSilent: false)
      }
    case 400, 413:
      self = .split(reason: "\(response.status): \(response.text.prefix(300))")
    case let status where BulkAnswer.passes(status):
      self = .unknown(reason: "\(response.status): \(response.text.prefix(300))")
    default:
      self = .suspect(reason: "\(response.status): \(response.text.prefix(300))", isSilent: response.status == 504)
    }
  }

  /// Whether a status speaks of the way, of who we are, or of the server's state, and not of this request.
  private static func passes(_ status: Int) -> Bool {
    [401, 404, 407, 408, 421, 425, 429, 502, 503].contains(status) || (300..<400).contains(status)
  }
}
