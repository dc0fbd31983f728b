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

  private struct State {
    var entries: [String: Entry] = [:]
    /// Of indices whose last question was not answered.
    var failures: [String: FailureSpell] = [:]
  }

  /// What came of asking.
  enum Answer: Sendable {
    /// - Parameter isFirst: nothing was known of this index before.
    case known(MappedFields, isFirst: Bool)
    /// There is no such index.
    case noIndex
    /// Nobody has told us for long, as where we may not know.
    case unknown
    /// To be asked again.
    case failed(String)
  }

  private let elasticsearch: ElasticsearchClient
  private let now: @Sendable () -> UInt64
  private let state = Mutex(State())

  static let lifetime: UInt64 = 1_000_000_000
  /// Beyond this all mappings are forgotten.
  static let maximum = 200
  /// Beyond this the oldest failure is.
  static let maximumFailures = 5_000

  /// - Parameter now: nanoseconds of a monotonic clock.
  init(elasticsearch: ElasticsearchClient, now: @escaping @Sendable () -> UInt64) {
    self.elasticsearch = elasticsearch
    self.now = now
  }

  /// - Parameter isGrown: it may have more fields than when it was asked last, so it is asked again.
  func fields(of index: String, isGrown: Bool = false) async -> Answer {
    let time = now()
    let known = state.withLock { $0.entries[index] }
    if let known, !isGrown, known.asked + KnownMappings.lifetime > time { return .known(known.fields, isFirst: false) }
    do throws(CurlError) {
      let answer = try await elasticsearch.get("/\(URLText.percentEncode(pathSegment: index))/_mapping")
      switch answer.status {
      case 200: break
      // Said by the server itself, and not by a gateway that knows no such path.
      case 404 where answer.text.contains("index_not_found_exception"): return try await make(index)
      // A server that has just started, or a gateway before it, may not know us yet.
      case 401, 403, 429, 500...: return failed(index, "\(answer.status): \(answer.text.prefix(300))")
      default: return .unknown
      }
      // By whatever name: ours may be an alias of an operator's.
      guard let fields = MappedFields.all(in: answer.body.span)?.values.first else { return .unknown }
      state.withLock { state in
        state.failures[index] = nil
        if state.entries.count >= KnownMappings.maximum { state.entries.removeAll() }
        state.entries[index] = Entry(fields: fields, asked: time)
      }
      return .known(fields, isFirst: known == nil)
    } catch {
      return failed(index, error.detail)
    }
  }

  /// What refuses a line may come before its index is made, as a pipeline does; only an index that cannot be made is to blame
  /// itself.
  private func make(_ index: String) async throws(CurlError) -> Answer {
    let answer = try await elasticsearch.put("/\(URLText.percentEncode(pathSegment: index))", Array("{}".utf8))
    let isThere = answer.status == 200 || answer.text.contains("resource_already_exists_exception")
    return isThere ? failed(index, "its index was not there yet") : .noIndex
  }

  /// A mapping could not be asked.
  func failed(_ index: String, _ reason: String) -> Answer {
    let isLasting = state.withLock { state in
      if state.failures.count >= KnownMappings.maximumFailures, state.failures[index] == nil {
        state.failures.min { $0.value.last < $1.value.last }.map { state.failures[$0.key] = nil }
      }
      return state.failures[index, default: FailureSpell()].failed(now: now())
    }
    return isLasting ? .unknown : .failed(reason)
  }
}
