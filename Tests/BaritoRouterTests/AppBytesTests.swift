import BaritoCore
import Testing

@testable import BaritoRouter

@Suite struct AppBytesTests {
  private let one = AppID(1)
  private let other = AppID(2)

  @Test("an app over its bound is refused with a time to come back, and the others are not")
  func bound() throws {
    let bytes = AppBytes(limit: 100)
    try bytes.send(60, of: one)
    try bytes.send(60, of: one)
    let refusal = #expect(throws: Refusal.self) { try bytes.send(1, of: one) }
    #expect(refusal?.code == .appBusy && refusal?.status == 503 && refusal?.retryAfterSeconds == 1)
    #expect(throws: Refusal.self) { try bytes.read(1, of: one) }
    try bytes.send(60, of: other)
    bytes.sent(60, of: one)
    try bytes.send(1, of: one)
    #expect(bytes.total == 121)
  }

  @Test("a body gives its room back when nobody holds it any more")
  func body() throws {
    let bytes = AppBytes(limit: 100)
    var body: AppBytes.Body? = try bytes.read(100, of: one)
    #expect(throws: Refusal.self) { try bytes.read(0, of: one) }
    // Its own lines are not refused for its own body.
    try bytes.send(100, of: one)
    bytes.sent(100, of: one)
    #expect(bytes.total == 100)
    _ = consume body
    body = nil
    #expect(bytes.total == 0)
    _ = try bytes.read(5, of: one)
  }

  @Test("a batch that is larger than the bound is taken alone")
  func alone() throws {
    let bytes = AppBytes(limit: 100)
    try bytes.send(1_000, of: one)
    bytes.sent(1_000, of: one)
    try bytes.send(1_000, of: one)
  }
}
