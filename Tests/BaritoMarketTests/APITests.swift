import BaritoCore
import HTTP
import Testing

@testable import BaritoMarket

@Suite struct APITests {
  @Test("a script registers a group and an app, changes its secret and ends it, by the calls that are promised")
  func contract() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let token = try await market.token(ada, [.write])
      let group = try await market.call(
        "POST", "/api/v1/groups", token: token, body: #"{"name":"Payments","max_tps":900}"#)
      #expect(group.status == 202)
      #expect(group.json["status"]?.text == "PENDING")
      #expect(group.json["template"]?.text == "small")
      let cluster = try #require(group.json["cluster_name"]?.text)
      let app = try await market.call(
        "POST", "/api/v1/groups/\(cluster)/apps", token: token,
        body: #"{"name":"Web API","max_tps":100,"retention_days":7}"#)
      #expect(app.status == 201)
      #expect(app.json["topic"]?.text == "web-api_logs")
      #expect(app.json["index_prefix"]?.text == "web-api")
      #expect(app.json["produce_url"]?.text == "http://127.0.0.1:8081/produce_batch")
      let id = try #require(app.json["id"]?.integer)
      let secret = try #require(app.json["secret"]?["id"]?.integer)
      #expect(app.json["secret"]?["value"]?.text?.utf8.count ?? 0 >= 43)
      let shown = try await market.call("GET", "/api/v1/apps/\(id)", token: token)
      #expect(shown.status == 200)
      #expect(shown.json["last_line_at"] == .null)
      #expect(shown.json["secret"] == nil)
      let second = try await market.call("POST", "/api/v1/apps/\(id)/secrets", token: token)
      #expect(second.status == 201)
      #expect(second.json.keys == ["id", "value"])
      #expect(try await market.call("POST", "/api/v1/apps/\(id)/secrets", token: token).status == 409)
      #expect(try await market.call("DELETE", "/api/v1/apps/\(id)/secrets/\(secret)", token: token).status == 204)
      #expect(try await market.call("DELETE", "/api/v1/apps/\(id)/secrets/\(secret)", token: token).status == 404)
      let again = try await market.call(
        "POST", "/api/v1/groups/\(cluster)/apps", token: token, body: #"{"name":"web api"}"#)
      #expect(again.status == 409)
      #expect(again.json["existing"]?["id"]?.integer == id)
      let sameGroup = try await market.call(
        "POST", "/api/v1/groups", token: token, body: #"{"name":"payments","template":"small"}"#)
      #expect(sameGroup.status == 409)
      #expect(sameGroup.json["existing"]?["cluster_name"]?.text == cluster)
      let changed = try await market.call(
        "PATCH", "/api/v1/apps/\(id)", token: token, body: #"{"max_tps":null,"status":"inactive"}"#)
      #expect(changed.json["max_tps"] == .null)
      #expect(changed.json["status"]?.text == "inactive")
      #expect(changed.json["retention_days"]?.integer == 7)
      let limited = try await market.call(
        "PATCH", "/api/v1/groups/\(cluster)", token: token,
        body: #"{"max_tps":500,"max_bytes_per_second":1000000}"#)
      #expect(limited.json["max_tps"]?.integer == 500 && limited.json["max_bytes_per_second"]?.integer == 1_000_000)
      let free = try await market.call(
        "PATCH", "/api/v1/groups/\(cluster)", token: token, body: #"{"max_bytes_per_second":null}"#)
      #expect(free.json["max_tps"]?.integer == 500 && free.json["max_bytes_per_second"] == .null)
      let none = try await market.call(
        "PATCH", "/api/v1/groups/\(cluster)", token: token, body: #"{"max_bytes_per_second":0}"#)
      #expect(none.status == 422)
      #expect(try await market.call("DELETE", "/api/v1/apps/\(id)", token: token).status == 204)
      #expect(try await market.call("DELETE", "/api/v1/groups/\(cluster)", token: token).status == 204)
      #expect(try await market.call("GET", "/api/v1/groups/\(cluster)", token: token).status == 404)
    }
  }

  @Test("a refusal names every field at fault and how to mend it")
  func fields() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let token = try await market.token(ada)
      let group = try await market.group(by: ada)
      let answer = try await market.call(
        "POST", "/api/v1/groups/\(group.clusterName)/apps", token: token,
        body: #"{"name":7,"max_tsp":5,"overload":"drop"}"#)
      #expect(answer.status == 422)
      #expect(answer.headers["Content-Type"] == "application/problem+json")
      #expect(answer.json["code"]?.text == "invalid")
      #expect(answer.json["errors"]?.list?.compactMap { $0["field"]?.text } == ["name", "overload", "max_tsp"])
      let limits = try await market.call(
        "POST", "/api/v1/groups/\(group.clusterName)/apps", token: token,
        body: #"{"name":"a","max_tps":50000,"retention_days":0}"#)
      #expect(limits.json["errors"]?.list?.compactMap { $0["field"]?.text } == ["max_tps", "retention_days"])
      #expect(limits.json["detail"]?.text?.contains("1 to 10000 lines per second") == true)
      #expect(try await market.call("POST", "/api/v1/groups", token: token, body: "[]").status == 400)
      #expect(try await market.call("GET", "/api/v1/apps/x", token: token).status == 404)
    }
  }

  @Test("every call refuses who carries no token, and who may not, without telling of what is there")
  func withoutRights() async throws {
    try await MarketHarness.run { market in
      let ada = try await market.user("ada")
      let group = try await market.group(by: ada)
      let app = try await market.app("a", in: group, by: ada)
      let eve = try await market.user("eve")
      let member = try await market.user("mel")
      _ = try await market.services.members.put("mel", role: .member, in: group.clusterName, by: ada)
      let (stranger, reader) = (try await market.token(eve), try await market.token(ada, [.tail]))
      let low = try await market.token(member)
      // What anybody signed in may do.
      let open: Set<String> = [
        "GET /api/v1/groups", "POST /api/v1/groups", "GET /api/v1/apps", "GET /api/v1/me", "GET /api/v1/tokens",
        "POST /api/v1/tokens", "DELETE /api/v1/tokens/{id}", "GET /api/v1/templates",
      ]
      let endpoints = APIController(services: market.services).endpoints
      #expect(endpoints.count > 25)
      for endpoint in endpoints {
        let call = "\(endpoint.method) \(endpoint.path)"
        let target = endpoint.path.filling([
          "cluster_name": "\(group.clusterName)", "id": "\(app.detail.app.id)", "secret_id": "\(app.secret.id)",
          "user": "ada",
        ])
        let body = try #require(bodies[endpoint.request ?? ""], "no body for \(call)")
        #expect(try await market.call(endpoint.method, target, token: nil, body: body).status == 401, "\(call)")
        #expect(try await market.call(endpoint.method, target, token: "brt_x", body: body).status == 401, "\(call)")
        let wrongScope = try await market.call(endpoint.method, target, token: reader, body: body).status
        #expect(wrongScope == 403, "\(call) with the scope tail answers \(wrongScope)")
        guard !open.contains(call) else { continue }
        let status = try await market.call(endpoint.method, target, token: stranger, body: body).status
        #expect(status == 403 || status == 404, "\(call) answers a stranger \(status)")
        if endpoint.method != "GET" {
          let status = try await market.call(endpoint.method, target, token: low, body: body).status
          #expect(status == 403 || status == 404, "\(call) answers a member \(status)")
        }
      }
      #expect(try await market.services.apps.find(app.detail.app.id, ada).secrets.count == 1)
    }
  }

  private let bodies = [
    "": "", "NewGroup": #"{"name":"Other","template":"small"}"#, "GroupChange": #"{"enabled":false}"#,
    "NewApp": #"{"name":"b"}"#, "AppChange": #"{"status":"inactive"}"#, "Membership": #"{"role":"owner"}"#,
    "NewToken": #"{"name":"x","scopes":["read"]}"#, "NewUser": #"{"name":"mallory"}"#,
    "UserChange": #"{"deactivated":true}"#, "RedactionChange": #"{"rules":[{"name":"A","path":".a","hint_end":1}]}"#,
    "RedactionSample": #"{"lines":["{\"a\":1}"],"rules":[{"name":"A","path":".a"}]}"#,
  ]

  @Test("answers have the fields that the OpenAPI document says, and the document has every call")
  func openAPI() async throws {
    try await MarketHarness.run { market in
      let admin = try await market.user("root", isSuperadmin: true)
      let token = try await market.token(admin)
      let group = try await market.group(by: admin)
      let app = try await market.app("a", in: group, by: admin)
      _ = try await market.services.groups.createSecret(group.clusterName, by: admin)
      let request = try #require(try await market.newestRequest(of: group))
      try await market.inbox.apply([
        try InboxRecord(
          request.event(
            .bootstrapError, component: "k", message: "no",
            components: [ComponentState(hostname: "k", type: .kafka, status: .bootstrapError)], at: 5), offset: 0)
      ])
      let document = try await market.call("GET", "/openapi.json", token: nil).json
      #expect(document["openapi"]?.text == "3.1.0")
      let schemas = try #require(document["components"]?["schemas"])
      let endpoints = APIController(services: market.services).endpoints
      let described = document["paths"]?.keys.flatMap { path in
        document["paths"]?[path]?.keys.map { "\($0.uppercased()) \(path)" } ?? []
      }
      #expect(Set(described ?? []) == Set(endpoints.map { "\($0.method) \($0.path)" }))
      let fill = [
        "cluster_name": "\(group.clusterName)", "id": "\(app.detail.app.id)", "secret_id": "\(app.secret.id)",
        "user": "root",
      ]
      // What deletes comes last.
      for endpoint in endpoints.sorted(by: { $0.method != "DELETE" && $1.method == "DELETE" }) {
        if endpoint.request == "UserChange" || endpoint.method == "DELETE" { continue }
        let answer = try await market.call(
          endpoint.method, endpoint.path.filling(fill), token: token, body: bodies[endpoint.request ?? ""] ?? "")
        #expect(answer.status == endpoint.status, "\(endpoint.method) \(endpoint.path): \(answer.json)")
        guard let name = endpoint.response else { continue }
        for value in endpoint.isList ? answer.json.list ?? [] : [answer.json] {
          check(
            value, ["$ref": .string("#/components/schemas/\(name)")], schemas, "\(endpoint.method) \(endpoint.path)")
        }
        if endpoint.isList { #expect(answer.json.list?.isEmpty == false, "\(endpoint.path) has nothing to check") }
      }
      let problem = try await market.call("GET", "/api/v1/apps/0", token: token)
      check(problem.json, ["$ref": "#/components/schemas/Problem"], schemas, "a problem")
    }
  }

  /// A validator of the part of JSON Schema that the document uses.
  private func check(_ value: JSONValue, _ schema: JSONValue, _ schemas: JSONValue, _ place: String) {
    if let reference = schema["$ref"]?.text {
      guard let target = schemas[String(reference.split(separator: "/").last ?? "")] else {
        Issue.record("\(place): \(reference) is not defined")
        return
      }
      return check(value, target, schemas, place)
    }
    if let choices = schema["anyOf"]?.list {
      if value == .null { return }
      return check(value, choices[0], schemas, place)
    }
    if let words = schema["enum"]?.list { #expect(words.contains(value), "\(place): \(value)") }
    switch (schema["type"]?.text, value) {
    case ("object", .object(let members)):
      let known = schema["properties"]?.keys ?? []
      let required = Set(schema["required"]?.list?.compactMap(\.text) ?? [])
      #expect(Set(members.keys).subtracting(known).isEmpty, "\(place): unknown fields")
      #expect(required.subtracting(members.keys).isEmpty, "\(place): missing \(required.subtracting(members.keys))")
      for (name, member) in members {
        check(member, schema["properties"]?[name] ?? .null, schemas, "\(place).\(name)")
      }
    case ("array", .array(let values)):
      for value in values { check(value, schema["items"] ?? .null, schemas, place + "[]") }
    case ("string", .string(let text)):
      if schema["format"]?.text == "date-time" { #expect(Timestamp(text) != nil, "\(place): \(text)") }
    case ("integer", .integer), ("number", .integer), ("number", .number), ("boolean", .boolean): break
    default: Issue.record("\(place): \(value) is not of \(schema)")
    }
  }
}

extension String {
  /// A path with its parameters filled in.
  func filling(_ values: [String: String]) -> String {
    split(separator: "/", omittingEmptySubsequences: false).map { part in
      part.hasPrefix("{") ? values[String(part.dropFirst().dropLast())] ?? String(part) : String(part)
    }.joined(separator: "/")
  }
}
