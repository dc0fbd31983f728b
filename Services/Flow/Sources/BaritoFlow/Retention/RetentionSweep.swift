import BaritoCore
import Curl

/// Finds the indices that are past their app's days, and deletes them.
struct RetentionSweep: Sendable {
  let elasticsearch: ElasticsearchClient
  let naming: TopicNaming

  /// How far our clock and the server's may be apart.
  static let clockDifference: Int64 = 3_600

  /// - Parameter now: milliseconds since 1970.
  /// - Throws: also where our clock is not the server's: a clock that is wrong must not delete anything.
  func plan(_ rules: RetentionRules, now: Int64) async throws -> RetentionPlan {
    try await checkClock(now)
    let prefix = naming.prefix.lowercased()
    let patterns = "\(prefix)*-*.*.*,\(QuarantineEntry.indexPrefix)\(prefix)*-*.*.*"
    let answer = try await elasticsearch.get("/_cat/indices/\(patterns)?h=index&expand_wildcards=all")
    guard answer.isSuccess else { throw RetentionSweep.failure("list indices", answer) }
    let names = answer.text.split(whereSeparator: \.isWhitespace).map { String($0) }
    return RetentionPlan(names, rules, today: IndexDay.day(at: now))
  }

  /// Deletes exactly these.
  func delete(_ indices: [String]) async throws {
    let path = "/\(indices.joined(separator: ","))?ignore_unavailable=true&allow_no_indices=true"
    let answer = try await elasticsearch.delete(path)
    // Another Flow may have been faster.
    guard answer.isSuccess || answer.status == 404 else { throw RetentionSweep.failure("delete indices", answer) }
  }

  private func checkClock(_ now: Int64) async throws {
    let answer = try await elasticsearch.get("/_cat/health?h=epoch")
    guard answer.isSuccess, let epoch = Int64(answer.text.filter { !$0.isWhitespace }) else {
      throw RetentionSweep.failure("ask for the server's time", answer)
    }
    let difference = now / 1000 - epoch
    guard abs(difference) <= RetentionSweep.clockDifference else {
      throw SearchFailure(
        description: "our clock is \(difference) s before the server's: nothing is deleted until they agree")
    }
  }

  private static func failure(_ what: String, _ answer: CurlResponse) -> SearchFailure {
    SearchFailure(description: "cannot \(what): \(answer.status): \(answer.text.prefix(300))")
  }
}
