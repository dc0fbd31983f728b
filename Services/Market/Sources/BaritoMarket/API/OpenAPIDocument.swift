/// The OpenAPI 3.1 document of the API, made of the endpoints that are served.
enum OpenAPIDocument {
  /// - Parameter publicURL: where Market is reached.
  static func make(_ endpoints: [APIEndpoint], publicURL: String) -> JSONValue {
    var paths: [String: [String: JSONValue]] = [:]
    for endpoint in endpoints { paths[endpoint.path, default: [:]][endpoint.method.lowercased()] = operation(endpoint) }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Barito Market", "version": "1",
        "description": "Groups, apps and their secrets. Errors are problem documents (RFC 9457) with a closed code.",
      ],
      "servers": [["url": .string(publicURL)]],
      "security": [["token": []]],
      "paths": .object(paths.mapValues { .object($0) }),
      "components": [
        "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
        "schemas": .object(APISchema.all.mapValues(\.json)),
        "responses": ["Problem": ["description": "What went wrong and how to mend it.", "content": problemContent]],
      ],
    ]
  }

  private static let problemContent: JSONValue = [
    "application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]
  ]

  private static func operation(_ endpoint: APIEndpoint) -> JSONValue {
    var members: [String: JSONValue] = [
      "summary": .string(endpoint.summary),
      "operationId": .string(identifier(endpoint)),
      "responses": [
        "\(endpoint.status)": response(endpoint), "default": ["$ref": "#/components/responses/Problem"],
      ],
    ]
    let parameters = pathParameters(endpoint.path) + endpoint.query.map(queryParameter)
    if !parameters.isEmpty { members["parameters"] = .array(parameters) }
    if let request = endpoint.request {
      members["requestBody"] = ["required": true, "content": ["application/json": ["schema": reference(request)]]]
    }
    return .object(members)
  }

  private static func response(_ endpoint: APIEndpoint) -> JSONValue {
    guard let name = endpoint.response else { return ["description": "Done."] }
    let schema: JSONValue = endpoint.isList ? ["type": "array", "items": reference(name)] : reference(name)
    return ["description": .string(endpoint.summary), "content": ["application/json": ["schema": schema]]]
  }

  private static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

  private static func pathParameters(_ path: String) -> [JSONValue] {
    path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
      let name = String(part.dropFirst().dropLast())
      let type: JSONValue = name.hasSuffix("id") ? "integer" : "string"
      return ["name": .string(name), "in": "path", "required": true, "schema": ["type": type]]
    }
  }

  private static func queryParameter(_ parameter: (name: String, meaning: String)) -> JSONValue {
    [
      "name": .string(parameter.name), "in": "query", "required": false, "description": .string(parameter.meaning),
      "schema": ["type": "integer"],
    ]
  }

  /// `GET /api/v1/groups/{cluster_name}/apps` becomes `get_groups_cluster_name_apps`.
  private static func identifier(_ endpoint: APIEndpoint) -> String {
    let words = endpoint.path.split { $0 == "/" || $0 == "{" || $0 == "}" }.dropFirst(2)
    return ([endpoint.method.lowercased()] + words.map(String.init)).joined(separator: "_")
  }
}
