/// What a test waited for and did not get.
public struct NeverHappened: Error, CustomStringConvertible {
  public let description: String

  public init(description: String) { self.description = description }
}

/// Waits until a condition holds, looking each 20 ms.
///
/// - Parameter what: said in the error, such as "the broker answers".
/// - Throws: `NeverHappened` when the time is up, or what the condition threw.
public func eventually(
  within limit: Duration = .seconds(20), _ what: String, _ condition: () async throws -> Bool
) async throws {
  let clock = ContinuousClock()
  let deadline = clock.now + limit
  while try await !condition() {
    guard clock.now < deadline else {
      throw NeverHappened(description: "within \(limit), this never happened: \(what)")
    }
    try await clock.sleep(for: .milliseconds(20))
  }
}
