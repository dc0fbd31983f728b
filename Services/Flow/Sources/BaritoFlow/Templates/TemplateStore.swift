import BaritoCore
import Curl

/// What became of a template that is to be there.
enum TemplateOutcome: Sendable, Equatable {
  /// It was not there, or another one was.
  case written
  /// It was there already.
  case current
  /// One of a newer Flow is there, and stays.
  case newer
  case failed(String)

  var failure: String? {
    if case .failed(let reason) = self { reason } else { nil }
  }
}

/// Index templates of a server: compared before they are written.
struct TemplateStore: Sendable {
  let elasticsearch: ElasticsearchClient

  /// What the server says that it is; nil when it does not.
  func server() async -> SearchServer? {
    guard let answer = try? await elasticsearch.get("/"), answer.isSuccess else { return nil }
    return SearchServer(answer.body.span)
  }

  /// Sees to it that a template is there: the first of these that the server takes.
  func keep(_ name: String, version: Int, _ candidates: [[UInt8]]) async -> TemplateOutcome {
    let path = "/_index_template/\(name)"
    do throws(CurlError) {
      let answer = try await elasticsearch.get("\(path)?flat_settings=true")
      switch answer.status {
      case 404: break
      case 200:
        switch TemplateStore.judge(answer.body.span, version: version, candidates) {
        case .some(let outcome): return outcome
        case nil: break
        }
      default: return .failed("\(answer.status): \(answer.text.prefix(300))")
      }
      var refusal = TemplateOutcome.failed("there is nothing to write")
      for candidate in candidates {
        let answer = try await elasticsearch.put(path, candidate)
        if answer.isSuccess { return .written }
        refusal = .failed("\(answer.status): \(answer.text.prefix(300))")
        // What it does not know is refused as 400; anything else is no better with less in it.
        guard answer.status == 400 else { break }
      }
      return refusal
    } catch {
      return .failed(error.detail)
    }
  }

  /// Compares what is there with what is to be there.
  /// - Returns: nil when it is to be written.
  static func judge(_ found: Span<UInt8>, version: Int, _ candidates: [[UInt8]]) -> TemplateOutcome? {
    guard let found = JSONLeaves(found)?.below("index_templates.0.index_template") else { return nil }
    if let there = found["version"].flatMap({ Int($0) }), there > version { return .newer }
    let known = found.without(ownedByServer)
    // A lesser candidate may be the best that this server takes: that is known only from what it took.
    return candidates.contains { JSONLeaves($0.span) == known } ? .current : nil
  }

  /// What servers add to a template that does not name it.
  private static let ownedByServer = [
    "composed_of", "data_stream", "allow_auto_create", "ignore_missing_component_templates", "deprecated",
    "created_date", "modified_date", "created_date_millis", "modified_date_millis",
  ]
}
