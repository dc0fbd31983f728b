import BaritoCore
import Testing

/// What is on disk: a change here means that a Router does not know its apps after an upgrade while Market is away.
@Suite struct ProfileSnapshotTests {
  private let cluster = ClusterName("haruni")

  private func page() throws -> ProfilePage {
    let hash = try #require(SecretHash(hex: String(repeating: "0a", count: 32)))
    let other = try #require(SecretHash(bytes: 0..<32))
    return ProfilePage(
      version: 300,
      groups: [GroupProfile(clusterName: cluster, name: "G", status: .active, secrets: [hash])],
      apps: [
        AppProfile(id: AppID(1), clusterName: cluster, name: "Web API", topicName: "web-api", secrets: [hash, other]),
        AppProfile(
          id: AppID(1 << 40), clusterName: ClusterName("gone"), name: "ä", topicName: "", status: .inactive,
          limits: IngestLimits(linesPerSecond: 500, bytesPerSecond: 0), overload: .absorb, retentionDays: 7,
          isProbe: true, isDeleted: true),
      ], routers: 2)
  }

  @Test("what is kept comes back")
  func roundTrip() throws {
    #expect(try ProfileSnapshot.decode(try ProfileSnapshot.encode(page())) == page())
    let nothing = ProfilePage(version: 0)
    #expect(try ProfileSnapshot.decode(try ProfileSnapshot.encode(nothing)) == nothing)
  }

  @Test("a snapshot is these bytes")
  func golden() throws {
    var page = try page()
    page.groups = []
    page.apps.removeFirst()
    let app: [UInt8] =
      [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0x1a, 0x02, 0xc3, 0xa4, 0x22, 0x00, 0x30, 0xf4, 0x03, 0x38, 0x00]
      + [0x40, 0x07, 0x4a, 0x06] + Array("absorb".utf8) + [0x50, 0x01, 0x58, 0x01, 0x60, 0x01]
    let golden =
      Array("barito-profiles 2\n".utf8) + [0x08, 0xac, 0x02, 0x10, 0x02, 0x22, 0x04] + Array("gone".utf8)
      + [0x2a, UInt8(app.count)] + app + [0x30, 0x01]
    #expect(try ProfileSnapshot.encode(page) == golden)
    #expect(try ProfileSnapshot.decode(golden) == page)
  }

  @Test("the JSON that earlier versions kept is still read")
  func json() throws {
    #expect(try ProfileSnapshot.decode(try WireJSON.encode(page())) == page())
  }

  @Test("what is cut off or no snapshot at all is refused, wherever it ends")
  func broken() throws {
    let whole = try ProfileSnapshot.encode(page())
    for end in 0..<whole.count {
      #expect(throws: (any Error).self, "cut off at \(end)") { try ProfileSnapshot.decode(Array(whole[..<end])) }
    }
    #expect(throws: (any Error).self) { try ProfileSnapshot.decode(Array("profiles".utf8)) }
    #expect(throws: (any Error).self) { try ProfileSnapshot.decode(Array("barito-profiles 2\n\u{2a}\u{00}".utf8)) }
  }

  @Test("a hash comes back from its bytes and from its digits")
  func hash() throws {
    let hash = try #require(SecretHash(bytes: 0..<32))
    #expect(hash.bytes == Array(0..<32))
    #expect(hash.hex == "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
    #expect(SecretHash(hex: hash.hex) == hash && SecretHash(bytes: 0..<31) == nil && SecretHash(bytes: 0..<33) == nil)
  }
}
