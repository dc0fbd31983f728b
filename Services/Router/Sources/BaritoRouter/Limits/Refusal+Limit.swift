import BaritoCore

extension Refusal {
  /// The app, or its group, is over its limit. The status is the one that the app chose for its sender.
  init(
    _ excess: IngestLimiter.Excess, of app: AppProfile, groupLimits: IngestLimits = .unlimited, lines: Int, bytes: Int
  ) {
    let who = excess.holder == .app ? "App \(app.name)" : "The group of app \(app.name)"
    let unit = excess.unit.rawValue
    let routers = excess.routers > 1 ? ", shared by \(excess.routers) Routers," : ""
    self.init(
      .limit,
      "\(who) may send \(excess.limit) \(unit) a second\(routers) and sent \(excess.used) \(unit) to this Router in the "
        + "last \(Int(RecentUse.window)) seconds; this batch has \(lines) lines, \(bytes) bytes. "
        + (excess.retryAfter == nil
          ? "Ask for a limit." : "Send it again after the time in Retry-After, or ask for a higher limit."),
      retryAfter: excess.retryAfter,
      members: [
        ("limit_per_second", excess.limit), ("used", excess.used), ("quota", excess.quota),
        ("window_seconds", Int(RecentUse.window)), ("routers", excess.routers), ("lines", lines), ("bytes", bytes),
      ])
    self.lines = lines
    if app.overload == .refuseAsUnavailable { statusOverride = 503 }
    headers =
      RateLimitFields(excess, own: app.limits, group: groupLimits, retryAfterSeconds: retryAfterSeconds).headers
  }
}
