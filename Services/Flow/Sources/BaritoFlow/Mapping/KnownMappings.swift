import BaritoCore
import Curl
import Synchronization

/// The mappings of indices that refused documents lately, none older than a second.
final class KnownMappings: Sendable {
  private struct Entry {
    var fields: MappedFields
    /// Nanoseconds of a monotonic clock.
    var asked: UInt64
  }

  /// What came of asking.
  enum Answer: Sendable {
    /// - Parameter isFresh: asked for now; else up to a second ago, and it may have grown since.
    case known(MappedFields, isFirst: Bool, isFresh: Bool)
    /// We may not know, or there is no such index.
    case unknown
    /// To be asked again.
    case failed(String)
  }

  private let elasticsearch: ElasticsearchClient
  private let now: @Sendable () -> UInt64
  private let entries = Mutex<[String: Entry]>([:])
  /// Questions in a row that were not answered.
  private let failures = Atomic(0)

  static let lifetime: UInt64 = 1_000_000_000
  /// After so many failures in a row a mapping counts as one that we may not know: nobody waits for ever for it.
  static let patience = 5
  /// Beyond this all are forgotten.
  static let maximum = 200

  /// - Parameter now: nanoseconds of a monotonic clock.
  init(elasticsearch: ElasticsearchClient, now: @escaping @Sendable () -> UInt64) {
    self.elasticsearch = elasticsearch
    self.now = now
  }

  func fields(of index: String) async -> Answer {
    let time = now()
    let known = entries.withLock { $0[index] }
    if let known, known.asked + KnownMappings.lifetime > time {
      return .known(known.fields, isFirst: false, isFresh: false)
    }
    do throws(CurlError) {
      let answer = try await elasticsearch.get("/\(URLText.percentEncode(pathSegment: index))/_mapping")
      switch answer.status {
      case 200: failures.store(0, ordering: .relaxed)
      case 429, 500...: return failed("\(answer.status): \(answer.text.prefix(300))")
      default: return .unknown
      }
      // By whatever name: ours may be an alias of an operator's.
      guard let fields = MappedFields.all(in: answer.body.span)?.values.first else { return .unknown }
      entries.withLock { entries in
        if entries.count >= KnownMappings.maximum { entries.removeAll() }
        entries[index] = Entry(fields: fields, asked: time)
      }
      return .known(fields, isFirst: known == nil, isFresh: true)
    } catch {
      return failed(error.detail)
    }
  }

  private func failed(_ reason: String) -> Answer {
    failures.add(1, ordering: .relaxed).newValue > KnownMappings.patience ? .unknown : .failed(reason)
  }
}
