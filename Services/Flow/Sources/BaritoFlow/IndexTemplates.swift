import BaritoCore
import Curl
import Lifecycle
import Logging

/// Keeps the templates in Elasticsearch that shape the indices of days: made at the start, made again when somebody
/// removed them. Until they are there documents are indexed all the same, with the server's own defaults.
struct IndexTemplates: Service {
  let elasticsearch: ElasticsearchClient
  let naming: TopicNaming
  let shards: Int
  let replicas: Int
  let logger: Logger

  static let interval: Duration = .seconds(300)

  func run() async throws {
    var isLogged = false
    repeat {
      let failure = await put()
      if let failure, !isLogged {
        logger.warning("index templates cannot be written for now", ["reason": failure])
      }
      isLogged = failure != nil
      await sleepUntilGracefulShutdown(isLogged ? .seconds(5) : IndexTemplates.interval)
    } while !GracefulShutdown.current.isRequested
  }

  /// As it stands in names of indices.
  private var prefix: String { naming.prefix.lowercased() }

  /// - Returns: what went wrong, nil when all are there.
  func put() async -> String? {
    // Servers that do not know the setting refuse the whole template: then it goes without.
    let name = "barito-documents" + (prefix.isEmpty ? "" : "-\(prefix)")
    if let refusal = await put(name, documents(dropsFieldsBeyondLimit: true)) {
      guard refusal.status == 400, await put(name, documents(dropsFieldsBeyondLimit: false)) == nil else {
        return refusal.reason
      }
    }
    return await put("barito-quarantine", quarantine)?.reason
  }

  private func put(_ name: String, _ body: [UInt8]) async -> (status: Int, reason: String)? {
    do throws(CurlError) {
      let response = try await elasticsearch.put("/_index_template/\(name)", body)
      return response.isSuccess ? nil : (response.status, "\(response.status): \(response.text.prefix(300))")
    } catch {
      return (0, error.detail)
    }
  }

  /// Every index whose name ends with a day. The priority is above those that Elasticsearch brings along (100 for
  /// `logs-*-*`, which would make a data stream of an app of that name) and below those that an operator would choose.
  ///
  /// Flows of several groups may share a server: each has a template of its own. Two of the same priority may not match
  /// the same index, so the longer prefix wins.
  func documents(dropsFieldsBeyondLimit: Bool) -> [UInt8] {
    template(pattern: "\(prefix)*-*.*.*", priority: 150 + min(prefix.utf8.count, 40)) { json in
      json.key("dynamic_templates")
      json.array { json in
        json.object { json in
          json.key("strings")
          json.object { json in
            json.member("match_mapping_type", "string")
            json.key("mapping")
            json.value(json: Self.stringMapping.span)
          }
        }
      }
      json.key("properties")
      json.value(json: Array(#"{"@timestamp":{"type":"date","ignore_malformed":true}}"#.utf8).span)
    } settings: { json in
      // A field of a conflicting type costs the field and not the line.
      json.member("index.mapping.ignore_malformed", true)
      // So does one field more than an index may have.
      json.member("index.mapping.total_fields.limit", 2_000)
      if dropsFieldsBeyondLimit { json.member("index.mapping.total_fields.ignore_dynamic_beyond_limit", true) }
    }
  }

  /// Takes anything: only what is searched for is indexed.
  var quarantine: [UInt8] {
    template(pattern: "\(QuarantineEntry.indexPrefix)*", priority: 195) { json in
      json.member("dynamic", false)
      json.key("properties")
      json.value(json: Self.quarantineProperties.span)
    } settings: { _ in
    }
  }

  private static let stringMapping = Array(
    #"{"type":"text","norms":false,"fields":{"keyword":{"type":"keyword","ignore_above":256}}}"#.utf8)

  private static let quarantineProperties = QuarantineEntry.mapping

  private func template(
    pattern: String, priority: Int, mappings: (inout JSONWriter) -> Void, settings: (inout JSONWriter) -> Void
  ) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.key("index_patterns")
      json.array { $0.value(pattern) }
      json.member("priority", priority)
      json.key("template")
      json.object { json in
        json.key("settings")
        json.object { json in
          json.member("index.number_of_shards", shards)
          json.member("index.number_of_replicas", replicas)
          json.member("index.codec", "best_compression")
          settings(&json)
        }
        json.key("mappings")
        json.object { mappings(&$0) }
      }
    }
    return json.bytes
  }
}
