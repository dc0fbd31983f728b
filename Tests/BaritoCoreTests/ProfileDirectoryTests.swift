import BaritoCore
import Testing

@Suite struct ProfileDirectoryTests {
  private let cluster = ClusterName("haruni")
  private func hash(_ byte: UInt8) throws -> SecretHash {
    try #require(SecretHash(bytes: Array(repeating: byte, count: 32)))
  }
  private func app(_ secrets: [SecretHash], deleted: Bool = false) -> AppProfile {
    AppProfile(
      id: AppID(1), clusterName: cluster, name: "Web", topicName: "web", secrets: secrets, isDeleted: deleted)
  }

  @Test("an app is found by each of its secrets and by its topic name")
  func lookups() throws {
    var directory = ProfileDirectory()
    directory.apply(ProfilePage(version: 3, apps: [app([try hash(1), try hash(2)])]))
    #expect(directory.app(secret: try hash(1))?.id == AppID(1))
    #expect(directory.app(secret: try hash(2))?.id == AppID(1))
    #expect(directory.app(topicName: "web", in: cluster)?.id == AppID(1))
    #expect(directory.version == 3)
  }

  @Test("a revoked secret finds nothing once the next page is applied")
  func revoked() throws {
    var directory = ProfileDirectory()
    directory.apply(ProfilePage(version: 1, apps: [app([try hash(1), try hash(2)])]))
    directory.apply(ProfilePage(version: 2, apps: [app([try hash(2)])]))
    #expect(directory.app(secret: try hash(1)) == nil)
    #expect(directory.app(secret: try hash(2)) != nil)
  }

  @Test("a tombstone takes an app and a group away, with every way to find them")
  func tombstones() throws {
    var directory = ProfileDirectory()
    var group = GroupProfile(clusterName: cluster, name: "G", status: .active, secrets: [try hash(9)])
    directory.apply(ProfilePage(version: 1, groups: [group], apps: [app([try hash(1)])]))
    group.isDeleted = true
    directory.apply(ProfilePage(version: 2, groups: [group], apps: [app([], deleted: true)]))
    #expect(directory.app(secret: try hash(1)) == nil)
    #expect(directory.app(topicName: "web", in: cluster) == nil)
    #expect(directory.group(secret: try hash(9)) == nil)
    #expect(directory.snapshot == ProfilePage(version: 2))
  }

  @Test("a directory restored from its snapshot is the same directory")
  func snapshot() throws {
    var directory = ProfileDirectory()
    directory.apply(
      ProfilePage(
        version: 5, groups: [GroupProfile(clusterName: cluster, name: "G", status: .active, secrets: [try hash(9)])],
        apps: [app([try hash(1)])]))
    var restored = ProfileDirectory()
    restored.apply(try WireJSON.decode(ProfilePage.self, from: try WireJSON.encode(directory.snapshot)))
    #expect(restored.snapshot == directory.snapshot)
    #expect(restored.group(secret: try hash(9))?.clusterName == cluster)
  }
}
