import HTTP

extension Refusal {
  /// The problem document that the sender sees (RFC 9457), with `Retry-After` where retrying helps.
  var response: HTTPResponse {
    var problem = ProblemDocument(status: status, code: code.rawValue, title: title, detail: detail)
    problem.extensions = members.map { ($0.name, .integer($0.value)) }
    if let seconds = retryAfterSeconds { problem.headers["Retry-After"] = "\(seconds)" }
    for field in headers { problem.headers[field.name] = field.value }
    return .problem(problem)
  }
}
