extension Refusal {
  /// How long a sender is held back before its batch is tried again; nil when trying again cannot help.
  ///
  /// - Parameter spread: 0 to 1, drawn anew each time, so that those who were refused together do not come together.
  func pause(spread: Double) -> Duration? {
    let time: Duration
    switch code {
    case .limit, .appBusy, .groupNotReady, .kafkaUnavailable, .marketUnavailable: time = retryAfter ?? .seconds(5)
    default: return nil
    }
    // Never sooner than what is enough.
    return time + min(time, .seconds(2)) * (0.25 * spread)
  }
}
