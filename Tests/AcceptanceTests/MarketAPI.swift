import BaritoCore
import Curl
import TestKit
import Testing

/// Market's API as a script uses it.
struct MarketAPI: Sendable {
  let url: String
  let token: String

  struct Group: Decodable, Sendable {
    var clusterName: String
    var status: String

    enum CodingKeys: String, CodingKey {
      case clusterName = "cluster_name"
      case status
    }
  }

  struct App: Decodable, Sendable {
    struct Secret: Decodable, Sendable {
      var id: Int64
      var value: String
    }
    struct Use: Decodable, Sendable {
      var lastUsedAt: String?

      enum CodingKeys: String, CodingKey { case lastUsedAt = "last_used_at" }
    }
    var id: Int64
    var topic: String
    var indexPrefix: String
    var produceURL: String
    var secret: Secret?
    var lastLineAt: String?
    var secrets: [Use]

    enum CodingKeys: String, CodingKey {
      case id, topic, secret, secrets
      case indexPrefix = "index_prefix"
      case produceURL = "produce_url"
      case lastLineAt = "last_line_at"
    }
  }

  func call<Answer: Decodable>(
    _ method: String, _ path: String, _ body: String? = nil, expecting status: Int, as type: Answer.Type
  ) async throws -> Answer {
    let response = try await send(method, path, body)
    try #require(response.status == status, "\(method) \(path): \(response.status) \(response.text)")
    return try WireJSON.decode(Answer.self, from: response.body)
  }

  func send(_ method: String, _ path: String, _ body: String? = nil) async throws -> CurlResponse {
    var request = CurlRequest(method, url + path, body: body.map { Array($0.utf8) })
    request.authorize(bearer: token)
    if body != nil { request.setHeader("Content-Type", "application/json") }
    return try await CurlClient().perform(request)
  }

  /// Registers a group and waits until its cluster was proved.
  func makeGroup(_ name: String) async throws -> Group {
    let group = try await call(
      "POST", "/api/v1/groups", #"{"name":"\#(name)","template":"small"}"#, expecting: 202, as: Group.self)
    try await eventually(within: .seconds(90), "group \(name) is ACTIVE") {
      try await call("GET", "/api/v1/groups/\(group.clusterName)", expecting: 200, as: Group.self).status == "ACTIVE"
    }
    return group
  }

  func makeApp(_ name: String, in group: Group) async throws -> App {
    try await call(
      "POST", "/api/v1/groups/\(group.clusterName)/apps", #"{"name":"\#(name)"}"#, expecting: 201,
      as: App.self)
  }
}
