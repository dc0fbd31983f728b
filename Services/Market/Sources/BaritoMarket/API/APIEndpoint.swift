internal import BaritoCore
internal import HTTP

/// One call of the API: how it is reached, what is said of it, what it does. The server's routes and the OpenAPI
/// document are both made of these.
struct APIEndpoint: Sendable {
  var method: String
  /// With the names of its parameters in braces.
  var path: String
  /// One sentence, as a heading.
  var summary: String
  /// The body's schema by name; nil: it takes none.
  var request: String?
  /// Optional parameters of the query, by name with their meaning.
  var query: [(name: String, meaning: String)] = []
  /// The status when all went well.
  var status: Int
  /// The answer's schema by name; nil: it has no body.
  var response: String?
  /// Whether the answer is a list of that schema.
  var isList = false
  var handle: @Sendable (APICall) async throws -> HTTPResponse
}

/// A request to the API, from somebody who is known.
struct APICall: Sendable {
  var request: HTTPRequest
  var bytes: [UInt8]
  var principal: Principal

  var cluster: ClusterName { ClusterName(request.parameters["cluster_name"] ?? "") }

  /// A number in the path.
  /// - Throws: `notFound` when it is none.
  func number(_ name: String) throws -> Int64 {
    guard let text = request.parameters[name], let number = Int64(text) else {
      throw MarketError(.notFound, "There is nothing at \(request.path): \(name) is a number.")
    }
    return number
  }

  /// A number in the query.
  func queryNumber(_ name: String) throws -> Int64? {
    guard let text = request.query.first(name) else { return nil }
    guard let number = Int64(text) else {
      throw MarketError.invalid(name, "The parameter \(name) must be a whole number, not \(text).")
    }
    return number
  }

  func body<Value>(_ read: (inout APIBody) throws -> Value) throws -> Value {
    var body = try APIBody(bytes)
    let value = try read(&body)
    try body.finish()
    return value
  }
}
