import BaritoCore
import HTTP

/// Answers what Elasticsearch's clients ask before they start, so that they go on. Nothing is stored: templates, policies
/// and the like are Barito's own business, so what a client brings is acknowledged and forgotten, and is not there when it
/// looks.
struct ElasticsearchStandIn: Sendable {
  let pipeline: IngestPipeline

  /// What clients take for the server's version. Of the newest major that every client in use speaks with.
  static let version = "8.19.0"
  private static let clusterName = "barito"
  /// Logstash remembers the cluster by it: the same everywhere, as all Routers are one.
  private static let clusterID = "YmFyaXRvLWNsdXN0ZXItMQ"
  /// Templates and pipelines may be large; they are read to the end, since a client that is cut off gives up.
  private static let bodyLimit = 4 << 20

  func register(in routes: inout Routes) {
    get("/", &routes) { _ in .elasticsearch(ElasticsearchStandIn.info) }
    get("/_license", &routes) { _ in .elasticsearch(ElasticsearchStandIn.license) }
    get("/_xpack", &routes) { _ in .elasticsearch(ElasticsearchStandIn.features) }
    get("/_cluster/health", &routes) { _ in .elasticsearch(ElasticsearchStandIn.health) }
    get("/_cat/health", &routes) { _ in .text("\(ElasticsearchStandIn.clusterName) green\n") }
    for pattern in ["/_nodes", "/_nodes/{part}", "/_nodes/{node}/{part}"] {
      get(pattern, &routes) { .elasticsearch(ElasticsearchStandIn.nodes(host: $0.headers["Host"])) }
    }
    for kind in ["_index_template", "_template", "_component_template", "_ingest/pipeline", "_ilm/policy"] {
      getNothing("/\(kind)/{name}", &routes)
      acknowledge("PUT", "/\(kind)/{name}", &routes)
      acknowledge("POST", "/\(kind)/{name}", &routes)
    }
    getNothing("/_data_stream/{name}", &routes)
    acknowledge("PUT", "/_data_stream/{name}", &routes)
    getNothing("/_alias/{name}", &routes)
    getNothing("/{index}/_alias/{name}", &routes)
    // Whoever comes to a path that is not there by mistake is told just that, known or not, as everywhere else.
    for method in ["GET", "POST"] { routes.on(method, "/{index}", ElasticsearchStandIn.nowhere) }
    acknowledge("PUT", "/{index}", &routes)
    acknowledge("PUT", "/{index}/_alias/{name}", &routes)
  }

  // MARK: - Answering

  private func get(
    _ pattern: String, _ routes: inout Routes, _ answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) {
    routes.on("GET", pattern) { request in .refuse(refusal(of: request) ?? answer(request)) }
  }

  private func getNothing(_ pattern: String, _ routes: inout Routes) {
    get(pattern, &routes) { ElasticsearchStandIn.nothing($0) }
  }

  private func acknowledge(_ method: String, _ pattern: String, _ routes: inout Routes) {
    routes.on(method, pattern) { request in
      if let refusal = refusal(of: request) { return .refuse(refusal) }
      return .collect(limit: ElasticsearchStandIn.bodyLimit) { request, _ in
        .now(
          .elasticsearch(
            ElasticsearchStandIn.document { json in
              json.member("acknowledged", true)
              guard let index = request.parameters["index"] else { return }
              json.member("shards_acknowledged", true)
              json.member("index", index)
            }))
      }
    }
  }

  /// Nothing is told to whom nobody knows: a client with a wrong secret learns it when it starts.
  private func refusal(of request: HTTPRequest) -> HTTPResponse? {
    do throws(Refusal) {
      _ = try pipeline.admission(of: Credentials { request.headers[$0] })
      return nil
    } catch {
      pipeline.refused(error, nil)
      return error.elasticsearchResponse
    }
  }

  private static func nowhere(_ request: HTTPRequest) -> HTTPIntake {
    .refuse(
      .problem(ProblemDocument(status: 404, code: "not_found", detail: "There is nothing at \(request.path)."))
        .with("X-elastic-product", "Elasticsearch"))
  }

  private static func nothing(_ request: HTTPRequest) -> HTTPResponse {
    .elasticsearch(
      document { json in
        json.object("error") { json in
          json.member("type", "resource_not_found_exception")
          json.member("reason", "There is nothing at \(request.path).")
        }
        json.member("status", 404)
      }, status: 404)
  }

  // MARK: - Documents

  private static let info = document { json in
    json.member("name", "barito-router")
    json.member("cluster_name", clusterName)
    json.member("cluster_uuid", clusterID)
    json.object("version") { json in
      json.member("number", version)
      json.member("build_flavor", "default")
      json.member("build_type", "docker")
      json.member("build_hash", "barito")
      json.member("build_date", "2025-07-23T22:05:41.156563061Z")
      json.member("build_snapshot", false)
      json.member("lucene_version", "9.12.2")
      json.member("minimum_wire_compatibility_version", "7.17.0")
      json.member("minimum_index_compatibility_version", "7.0.0")
    }
    json.member("tagline", "You Know, for Search")
  }

  private static let license = document { json in
    json.object("license") { json in
      json.member("status", "active")
      json.member("uid", "00000000-0000-0000-0000-000000000000")
      json.member("type", "basic")
      json.member("mode", "basic")
      json.member("issued_to", clusterName)
      json.member("issuer", "elasticsearch")
    }
  }

  /// Clients ask it for what they would set up by themselves: there is nothing to set up.
  private static let features = document { json in
    json.object("license") { json in
      json.member("uid", "00000000-0000-0000-0000-000000000000")
      json.member("type", "basic")
      json.member("mode", "basic")
      json.member("status", "active")
    }
    json.object("features") { json in
      for name in ["ilm", "monitoring", "security"] {
        json.object(name) { json in
          json.member("available", false)
          json.member("enabled", false)
        }
      }
    }
    json.member("tagline", "You know, for X")
  }

  private static let health = document { json in
    json.member("cluster_name", clusterName)
    json.member("status", "green")
    json.member("timed_out", false)
    json.member("number_of_nodes", 1)
    json.member("number_of_data_nodes", 1)
    for name in [
      "active_primary_shards", "active_shards", "relocating_shards", "initializing_shards", "unassigned_shards",
      "delayed_unassigned_shards", "number_of_pending_tasks", "number_of_in_flight_fetch",
      "task_max_waiting_in_queue_millis",
    ] { json.member(name, 0) }
    json.member("active_shards_percent_as_number", 100.0)
  }

  /// For clients that look for more nodes: there is the one that they asked, under the name that they have for it.
  private static func nodes(host: String?) -> [UInt8] {
    document { json in
      let address = host.flatMap { $0.contains(":") && !$0.hasSuffix("]") ? $0 : nil }
      let count = address == nil ? 0 : 1
      json.object("_nodes") { json in
        json.member("total", count)
        json.member("successful", count)
        json.member("failed", 0)
      }
      json.member("cluster_name", clusterName)
      json.object("nodes") { json in
        guard let address else { return }
        json.object("barito-router") { json in
          json.member("name", "barito-router")
          json.member("version", version)
          json.array("roles") { json in
            json.value("ingest")
            json.value("data")
          }
          json.object("http") { json in
            json.array("bound_address") { $0.value(address) }
            json.member("publish_address", address)
          }
        }
      }
    }
  }

  private static func document(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
    var json = JSONWriter()
    json.object { members(&$0) }
    return json.bytes
  }
}
