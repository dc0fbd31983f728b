import BaritoCore
import Curl
import Logging

/// Mends what is refused because of its index's mapping: the document is sent again, under the same id, with those of
/// its fields that do not fit in its side field. What conflicts costs the field and not the line, where the server cannot
/// see to that itself. Only what is refused then too counts as refused.
///
/// A request of which nothing is refused costs nothing more.
struct MappingFirewall: Sendable {
  let elasticsearch: ElasticsearchClient
  let mappings: KnownMappings
  let naming: TopicNaming
  let metrics: MappingMetrics
  let logger: Logger
  private let now: @Sendable () -> UInt64

  /// Requests at most for what one refused, which is enough to find one document among very many.
  private static let requests = 40
  /// Behind the first that was found no more is looked for after so long, in nanoseconds: the server may say nothing until our
  /// patience is over. What is left is found the next time.
  private static let patience: UInt64 = 300_000_000_000

  init(
    elasticsearch: ElasticsearchClient, naming: TopicNaming, metrics: MappingMetrics, logger: Logger,
    now: @escaping @Sendable () -> UInt64
  ) {
    self.elasticsearch = elasticsearch
    self.naming = naming
    self.metrics = metrics
    self.logger = logger
    self.now = now
    mappings = KnownMappings(elasticsearch: elasticsearch, now: now)
  }

  /// Sends a request, as it is.
  func send(_ request: BulkRequest) async -> BulkAnswer {
    do throws(CurlError) {
      return BulkAnswer(try await elasticsearch.bulk(request.bytes), to: request)
    } catch {
      return BulkAnswer(error)
    }
  }

  /// Mends what this answer refuses.
  /// - Returns: the answer to the request as it stands then.
  func mend(_ answer: BulkAnswer, to request: BulkRequest) async -> BulkAnswer {
    guard case .settled(_, var response) = answer else { return answer }
    let refused = MappingFirewall.refused(in: response, to: request)
    guard !refused.isEmpty else { return answer }
    let begin = now()
    var left = MappingFirewall.requests
    var hasFound = false
    var parts = [await divert(refused, of: request, &response)]
    while let part = parts.popLast() {
      guard !part.isEmpty else { continue }
      guard left > 0, !hasFound || now() - begin < MappingFirewall.patience else {
        part.answer(.again("others come first"), in: &response)
        continue
      }
      left -= 1
      let answer = await send(part.request)
      switch answer {
      case .settled(let outcome, let items):
        let refused = take(items, outcome.verdicts, part, into: &response)
        if !refused.isEmpty { parts.append(await divert(refused, of: request, isGrown: true, &response)) }
      case .unknown(let reason): part.answer(.again(reason), in: &response)
      case .suspect, .split:
        // One of them is what the server, or something before it, does not get over.
        guard part.count == 1 else {
          let (front, back) = part.halves
          parts += [back, front]
          continue
        }
        hasFound = true
        // Refused as a whole, it stays refused; else its lane waits, and it is given up if that goes on for long.
        if case .suspect(let reason, _) = answer { part.answer(.failing(reason), in: &response) }
      }
    }
    return .settled(BulkOutcome(response), response)
  }

  /// The documents that may be mended, by their index. The quarantine's own are not.
  private static func refused(in response: BulkResponse, to request: BulkRequest) -> [String: [RefusedDocument]] {
    var refused: [String: [RefusedDocument]] = [:]
    for place in response.items.indices where BulkOutcome.verdict(on: response.items[place]) == .refused {
      guard let refusal = MappingRefusal(response.items[place]) else { continue }
      let index = request.index(of: request.items[place])
      guard !index.hasPrefix(QuarantineEntry.indexPrefix) else { continue }
      refused[index, default: []].append(RefusedDocument(place: place, refusals: [refusal]))
    }
    return refused
  }

  /// Moves the fields of refused documents that do not fit.
  ///
  /// - Parameter isGrown: the mapping may have more fields than when it was asked last.
  private func divert(
    _ refused: [String: [RefusedDocument]], of request: BulkRequest, isGrown: Bool = false,
    _ response: inout BulkResponse
  ) async -> MendedDocuments {
    var mended = MendedDocuments()
    var failure: String?
    for (index, documents) in refused {
      let answer: KnownMappings.Answer
      if let failure {
        // The others are not asked too: each question may take long.
        answer = mappings.failed(index, failure)
      } else {
        answer = await mappings.fields(of: index, isGrown: isGrown)
      }
      switch answer {
      case .known(let fields, let isFirst):
        if isFirst {
          logger.notice(
            "fields that do not fit a mapping go into the side field",
            ["index": index, "reason": String(response.items[documents[0].place].reason.prefix(300))])
        }
        for document in documents {
          let item = request.items[document.place]
          let bytes = Diversion.divert(request.document(item), after: document.refusals, fields)
          if let bytes { mended.add(document, index, bytes, item, of: request) }
        }
      case .unknown: break
      case .noIndex:
        for document in documents { response.items[document.place].errorType = BulkResponse.Item.noIndex }
      case .failed(let reason):
        failure = reason
        for document in documents { response.items[document.place] = .again(reason) }
      }
    }
    return mended
  }

  /// Puts what became of mended documents in the place of their refusals.
  /// - Returns: those that were refused over yet another field. Of the others the first reason stays, which says what is
  ///   wrong with the document as it came.
  private func take(
    _ items: BulkResponse, _ verdicts: [BulkOutcome.Verdict], _ mended: MendedDocuments,
    into response: inout BulkResponse
  ) -> [String: [RefusedDocument]] {
    var diverted: [String: Int] = [:]
    var refused: [String: [RefusedDocument]] = [:]
    for (place, verdict) in verdicts.enumerated() {
      let (document, index) = (mended.documents[place], mended.indices[place])
      if verdict == .indexed { diverted[index, default: 0] += 1 }
      if verdict != .refused {
        response.items[document.place] = items.items[place]
      } else if let next = MappingRefusal(items.items[place]).flatMap(document.adding) {
        refused[index, default: []].append(next)
      }
    }
    for (index, count) in diverted { metrics.diverted(naming.topic(ofIndex: index), count) }
    return refused
  }
}
