import BaritoCore

/// The header fields `RateLimit-Policy` and `RateLimit`, as draft-ietf-httpapi-ratelimit-headers-10 has them: lists of
/// RFC 9651, of strings that name a policy, with parameters.
///
/// A policy is a limit of the app or of its group: `q` units in `w` seconds through this Router. Its unit is
/// `content-bytes` of the draft's registry, of documents as they are stored, or `lines`, which is ours: the draft's
/// units have none for it, and leaving it out would mean requests.
struct RateLimitFields: Sendable, Equatable {
  /// Every limit that holds for the app, such as `"app-lines";q=1000;w=10;qu="lines"`.
  var policy: String
  /// The limit that was met: nothing is left, and `t` seconds later there is. Without `t` there never is.
  var state: String

  init(_ excess: IngestLimiter.Excess, own: IngestLimits, group: IngestLimits, retryAfterSeconds: Int64?) {
    let limits: [(holder: IngestLimiter.Excess.Holder, unit: IngestLimiter.Excess.Unit, limit: Int?)] = [
      (.app, .lines, own.linesPerSecond), (.app, .bytes, own.bytesPerSecond),
      (.group, .lines, group.linesPerSecond), (.group, .bytes, group.bytesPerSecond),
    ]
    policy = limits.compactMap { entry in
      entry.limit.map { limit in
        let quota = IngestLimiter.Excess.quota(of: limit, routers: excess.routers)
        return "\(RateLimitFields.name(entry.holder, entry.unit));q=\(quota);w=\(Int(RecentUse.window))"
          + ";qu=\"\(entry.unit == .lines ? "lines" : "content-bytes")\""
      }
    }.joined(separator: ", ")
    state = RateLimitFields.name(excess.holder, excess.unit) + ";r=0" + (retryAfterSeconds.map { ";t=\($0)" } ?? "")
  }

  private static func name(_ holder: IngestLimiter.Excess.Holder, _ unit: IngestLimiter.Excess.Unit) -> String {
    "\"\(holder.rawValue)-\(unit.rawValue)\""
  }

  var headers: [(name: String, value: String)] { [("RateLimit-Policy", policy), ("RateLimit", state)] }
}
