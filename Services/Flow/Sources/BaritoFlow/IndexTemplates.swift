import BaritoCore
import Curl
import Lifecycle
import Logging

/// Keeps the templates in Elasticsearch that shape the indices of days: made at the start, made again when somebody
/// removed or changed them. Until they are there documents are indexed all the same, with the server's own defaults.
struct IndexTemplates: Service {
  let elasticsearch: ElasticsearchClient
  let naming: TopicNaming
  let shards: Int
  let replicas: Int
  /// How many fields an index may have.
  let fields: Int
  let logger: Logger

  static let interval: Duration = .seconds(300)

  /// Raised with each change of what the templates say: a newer one is never replaced by an older Flow.
  static let version = 2

  func run() async throws {
    var trouble = Trouble(
      began: "index templates cannot be written for now", ended: "index templates are there again")
    var last: [TemplateOutcome] = []
    repeat {
      let outcomes = await put()
      if let failure = outcomes.lazy.compactMap(\.failure).first {
        trouble.began(failure)?.log(logger)
      } else {
        trouble.ended()?.log(logger)
      }
      if outcomes != last, outcomes.contains(.newer) {
        logger.notice(
          "index templates of a newer Flow are there and stay", ["own.version": "\(IndexTemplates.version)"])
      }
      last = outcomes
      await sleepUntilGracefulShutdown(outcomes.contains { $0.failure != nil } ? .seconds(5) : IndexTemplates.interval)
    } while !GracefulShutdown.current.isRequested
  }

  /// As it stands in names of indices.
  private var prefix: String { naming.prefix.lowercased() }

  /// Asks the server what it is, each time, because it may come back as another, and writes what is not there.
  /// - Returns: one for each template.
  func put() async -> [TemplateOutcome] {
    let store = TemplateStore(elasticsearch: elasticsearch)
    let candidates = TemplateFeatures.candidates(for: await store.server())
    let name = "barito-documents" + (prefix.isEmpty ? "" : "-\(prefix)")
    return [
      await store.keep(name, version: IndexTemplates.version, candidates.map { documents($0) }),
      await store.keep("barito-quarantine", version: IndexTemplates.version, [quarantine]),
    ]
  }

  /// Every index whose name ends with a day. The priority is above those that Elasticsearch brings along (100 for
  /// `logs-*-*`, which would make a data stream of an app of that name) and below those that an operator would choose.
  ///
  /// Flows of several groups may share a server: each has a template of its own. Two of the same priority may not match
  /// the same index, so the longer prefix wins.
  func documents(_ features: TemplateFeatures) -> [UInt8] {
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
      json.object { json in
        json.member("@timestamp", json: Self.timestampMapping.span)
        json.member(SideField.name, json: Array(features.sideField.mapping.utf8).span)
      }
    } settings: { json in
      // A field of a conflicting type costs the field and not the line.
      json.member("index.mapping.ignore_malformed", true)
      // So does one field more than an index may have.
      json.member("index.mapping.total_fields.limit", fields)
      if features.dropsFieldsBeyondLimit { json.member("index.mapping.total_fields.ignore_dynamic_beyond_limit", true) }
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

  private static let timestampMapping = Array(#"{"type":"date","ignore_malformed":true}"#.utf8)

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
      json.member("version", IndexTemplates.version)
      json.object("_meta") { $0.member("written_by", "barito-flow") }
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
