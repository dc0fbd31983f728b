import BaritoCore
import BaritoService
import Curl
import Lifecycle
import Logging

/// Looks at the mappings of today's indices from time to time, in the elected Flow: how many fields each app has, of
/// those that its index may have.
///
/// One request tells which mappings have changed; only those are read.
struct FieldWatcher: Service {
  let elasticsearch: ElasticsearchClient
  let naming: TopicNaming
  let topics: TopicList
  let election: Election
  let metrics: MappingMetrics
  let limit: Int
  let clock: ServiceClock
  let logger: Logger
  var interval: Duration = .seconds(120)

  /// What was seen of today's indices.
  struct Seen: Sendable, Equatable {
    /// By index.
    var versions: [String: Int64] = [:]
    /// By index prefix.
    var fields: [String: Int] = [:]
  }

  func run() async throws {
    var trouble = Trouble(
      began: "the fields of indices cannot be counted for now", ended: "the fields of indices are counted again")
    var seen = Seen()
    var budget = FieldBudget(limit: limit)
    while !GracefulShutdown.current.isRequested {
      await sleepUntilGracefulShutdown(interval)
      let before = seen
      if !election.isElected {
        seen = Seen()
      } else {
        do {
          seen = try await look(before)
          trouble.ended()?.log(logger)
        } catch {
          trouble.began("\(error)")?.log(logger)
        }
      }
      tell(seen, insteadOf: before)
      for crossing in budget.take(seen.fields, day: IndexDay.day(at: clock.wallMilliseconds)) {
        logger.warning(
          "an app comes near its number of fields; what is beyond it is not searched by field",
          ["topic": crossing.prefix + naming.suffix, "fields": "\(crossing.fields)", "percent": "\(crossing.percent)"])
      }
    }
  }

  /// Asks which indices of today have changed, and reads those.
  func look(_ before: Seen) async throws -> Seen {
    var names = IndexNames(prefix: naming.prefix.lowercased() + "*")
    let pattern = String(decoding: names.name(at: clock.wallMilliseconds), as: UTF8.self)
    let answer = try await elasticsearch.get(
      "/_cluster/state/metadata/\(pattern)?filter_path=metadata.indices.*.mapping_version")
    guard answer.isSuccess, let leaves = JSONLeaves(answer.body.span)?.below("metadata.indices") else {
      throw SearchFailure(description: "\(answer.status): \(answer.text.prefix(300))")
    }
    let known = Set(topics.current.topics.compactMap { naming.documentPrefix(ofTopic: $0)?.lowercased() })
    var seen = Seen()
    var changed: [String] = []
    for (path, text) in leaves.values where path.hasSuffix(".mapping_version") {
      let index = String(path.dropLast(".mapping_version".utf8.count))
      guard let prefix = IndexDay(index)?.prefix, known.contains(prefix), let version = Int64(text) else { continue }
      if before.versions[index] == version, let fields = before.fields[prefix] {
        (seen.versions[index], seen.fields[prefix]) = (version, fields)
      } else {
        changed.append(index)
        seen.versions[index] = version
      }
    }
    // Few enough for their mappings to fit into an answer.
    let few = min(IndexLists.maximumCount, max(1, 100_000 / limit))
    for list in IndexLists.lists(changed.sorted(), ofAtMost: few) {
      seen.fields.merge(try await count(list)) { _, new in new }
    }
    return seen
  }

  private func count(_ indices: [String]) async throws -> [String: Int] {
    let answer = try await elasticsearch.get("/\(indices.joined(separator: ","))/_mapping?ignore_unavailable=true")
    guard answer.isSuccess, let all = MappedFields.all(in: answer.body.span) else {
      throw SearchFailure(description: "\(answer.status): \(answer.text.prefix(300))")
    }
    var fields: [String: Int] = [:]
    for (index, mapped) in all {
      if let prefix = IndexDay(index)?.prefix { fields[prefix] = mapped.count }
    }
    return fields
  }

  private func tell(_ seen: Seen, insteadOf before: Seen) {
    for (prefix, count) in seen.fields { metrics.mapped(prefix + naming.suffix, count, of: limit) }
    for prefix in before.fields.keys where seen.fields[prefix] == nil { metrics.forget(prefix + naming.suffix) }
  }
}
