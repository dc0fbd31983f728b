/// What a service uses while it has nothing to do.
enum Idle {
  /// - Returns: CPU seconds within so many.
  static func measure(_ service: ChildProcess, seconds: Double) throws -> Double {
    // The last commit and the last answers are not idleness.
    try Interruption.sleep(.seconds(2))
    let before = try ProcessUsage.cpuSeconds(of: service.pid)
    try Interruption.sleep(.seconds(seconds))
    return try ProcessUsage.cpuSeconds(of: service.pid) - before
  }
}
