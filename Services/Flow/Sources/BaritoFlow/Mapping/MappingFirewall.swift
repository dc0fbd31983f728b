import BaritoCore
import Curl
import Logging

/// Sends bulk requests. A document that is refused because of its index's mapping is sent once more, under the same id,
/// with those of its fields that do not fit in its side field: what conflicts costs the field and not the line, where the
/// server cannot see to that itself. Only what is refused then too counts as refused.
///
/// A request of which nothing is refused costs nothing more.
struct MappingFirewall: Sendable {
  let elasticsearch: ElasticsearchClient
  let mappings: KnownMappings
  let naming: TopicNaming
  let metrics: MappingMetrics
  let logger: Logger

  init(
    elasticsearch: ElasticsearchClient, naming: TopicNaming, metrics: MappingMetrics, logger: Logger,
    now: @escaping @Sendable () -> UInt64
  ) {
    self.elasticsearch = elasticsearch
    self.naming = naming
    self.metrics = metrics
    self.logger = logger
    mappings = KnownMappings(elasticsearch: elasticsearch, now: now)
  }

  func bulk(_ request: BulkRequest) async throws(CurlError) -> BulkAnswer {
    let answer = BulkAnswer(try await elasticsearch.bulk(request.bytes), to: request)
    guard case .settled(_, let response) = answer else { return answer }
    let refusals = MappingFirewall.refusals(in: response, to: request)
    return refusals.isEmpty ? answer : await divert(refusals, of: request, response)
  }

  /// The places of the items that may be mended, by their index. The quarantine's own are not.
  private static func refusals(
    in response: BulkResponse, to request: BulkRequest
  ) -> [String: [(place: Int, refusal: MappingRefusal)]] {
    var refusals: [String: [(place: Int, refusal: MappingRefusal)]] = [:]
    for place in response.items.indices where response.items[place].status == 400 {
      guard let refusal = MappingRefusal(response.items[place]) else { continue }
      let index = request.index(of: request.items[place])
      guard !index.hasPrefix(QuarantineEntry.indexPrefix) else { continue }
      refusals[index, default: []].append((place, refusal))
    }
    return refusals
  }

  private func divert(
    _ refusals: [String: [(place: Int, refusal: MappingRefusal)]], of request: BulkRequest, _ first: BulkResponse
  ) async -> BulkAnswer {
    var response = first
    var second = BulkRequest()
    var places: [Int] = []
    // Those that were mended by a mapping which may be older than their refusal, and that mapping.
    var stale: [Int: MappedFields] = [:]
    for (index, items) in refusals {
      switch await mappings.fields(of: index) {
      case .known(let fields, let isFirst, let isFresh):
        if isFirst {
          logger.notice(
            "fields that do not fit a mapping go into the side field",
            ["index": index, "reason": String(first.items[items[0].place].reason.prefix(300))])
        }
        for (place, refusal) in items {
          let item = request.items[place]
          guard let document = Diversion.divert(request.document(item), after: refusal, fields) else { continue }
          second.append(item, of: request, document: document.span)
          places.append(place)
          if !isFresh { stale[place] = fields }
        }
      case .unknown: break
      case .failed(let reason):
        for (place, _) in items { response.items[place] = MappingFirewall.again(reason) }
      }
    }
    if !second.isEmpty { await send(second, for: places, stale, of: request, into: &response) }
    return .settled(BulkOutcome(response), response)
  }

  /// Sends the mended documents, and puts what became of them in the place of their refusals.
  private func send(
    _ second: BulkRequest, for places: [Int], _ stale: [Int: MappedFields], of request: BulkRequest,
    into response: inout BulkResponse
  ) async {
    let answer: BulkAnswer
    do throws(CurlError) {
      answer = BulkAnswer(try await elasticsearch.bulk(second.bytes), to: second)
    } catch {
      answer = BulkAnswer(error)
    }
    switch answer {
    case .settled(_, let items):
      var diverted: [String: Int] = [:]
      for (place, item) in zip(places, items.items) {
        switch BulkOutcome.verdict(on: item) {
        case .refused:
          // A neighbour has made the field that it conflicts with: it is tried again with the mapping of then.
          if let fields = stale[place], let field = MappingRefusal(item)?.field, fields.kinds[field] == nil {
            response.items[place] = MappingFirewall.again("the mapping has changed meanwhile")
          }
          continue  // The first reason says what is wrong with the document as it came.
        case .indexed: diverted[request.index(of: request.items[place]), default: 0] += 1
        default: break
        }
        response.items[place] = item
      }
      for (index, count) in diverted { metrics.diverted(naming.topic(ofIndex: index), count) }
    case .unknown(let reason), .suspect(let reason, _):
      for place in places { response.items[place] = MappingFirewall.again(reason) }
    case .split: break  // Refused as a whole, what it mends stays refused.
    }
  }

  /// The answer of an item of which nobody knows what became: ids make it safe to send it again.
  private static func again(_ reason: String) -> BulkResponse.Item {
    BulkResponse.Item(status: 429, errorType: BulkResponse.Item.unanswered, reason: reason)
  }
}
