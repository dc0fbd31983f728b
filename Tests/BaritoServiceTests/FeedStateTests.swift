import BaritoCore
import Testing

@testable import BaritoService

@Suite struct FeedStateTests {
  @Test("readers see nothing of a first reading until all its pages are there")
  func firstReading() {
    var state = FeedState()
    #expect(state.apply(.of(5, apps: ["a"], more: true)) == .partial)
    #expect(state.directory.apps.isEmpty && !state.isComplete && state.version == 5)
    #expect(state.apply(.of(9, apps: ["a", "b"])) == .complete)
    #expect(state.directory.apps.count == 2 && state.isComplete && state.version == 9)
  }

  @Test("what changed later is seen at once, page by page")
  func changes() {
    var state = FeedState()
    _ = state.apply(.of(5, apps: ["a"]))
    #expect(state.apply(.of(6, apps: ["a", "b"], more: true)) == .partial)
    #expect(state.directory.apps.count == 2)
    #expect(state.apply(.of(6, apps: [])) == .unchanged)
  }

  @Test("the number of Routers is told without a new version, is kept, and is one where nobody said")
  func routers() {
    var state = FeedState()
    #expect(state.routers == 1)
    _ = state.apply(.of(5, apps: ["a"]))
    #expect(state.routers == 1)
    #expect(state.apply(ProfilePage(version: 5, routers: 3)) == .recounted)
    #expect(state.apply(ProfilePage(version: 5, routers: 3)) == .unchanged)
    // A Market of before does not know it.
    #expect(state.apply(ProfilePage(version: 5)) == .unchanged)
    #expect(state.routers == 3)
    var restored = FeedState()
    restored.restore(state.snapshot)
    #expect(restored.routers == 3)
    var page = state.snapshot
    page.routers = nil
    var old = FeedState()
    old.restore(page)
    #expect(old.routers == 1 && old.isComplete)
    #expect(state.apply(ProfilePage(version: 5, routers: 0)) == .recounted)
    #expect(state.routers == 1)
  }

  @Test("a feed that went back is read again while readers keep what they have")
  func regression() {
    var state = FeedState()
    _ = state.apply(.of(50, apps: ["a", "b"]))
    #expect(state.apply(.of(7, apps: [])) == .partial)
    #expect(state.version == 0 && state.directory.apps.count == 2 && state.isComplete)
    #expect(state.apply(.of(6, apps: ["a"], more: true)) == .partial)
    #expect(state.directory.apps.count == 2)
    #expect(state.apply(.of(7, apps: ["a"])) == .complete)
    #expect(state.directory.apps.count == 1 && state.version == 7)
  }

  @Test("a feed that goes back while it is read again is read from its beginning")
  func regressionWithinReading() {
    var state = FeedState()
    _ = state.apply(.of(50, apps: ["a"], more: true))
    #expect(state.apply(.of(3, apps: ["b"], more: true)) == .unchanged)
    #expect(state.version == 0)
    #expect(state.apply(.of(3, apps: ["b"])) == .complete)
    #expect(state.directory.apps.values.map(\.name) == ["b"])
  }

  @Test("a Market that lost everything switches no app off")
  func emptied() {
    var state = FeedState()
    _ = state.apply(.of(50, apps: ["a"]))
    _ = state.apply(ProfilePage(version: 1))
    #expect(state.apply(ProfilePage(version: 1)) == .emptied)
    #expect(state.apply(ProfilePage(version: 1)) == .unchanged)
    #expect(state.directory.apps.count == 1 && state.isComplete)
    #expect(state.apply(.of(2, apps: ["b"])) == .complete)
    #expect(state.directory.apps.values.map(\.name) == ["b"])
  }

  @Test("a platform without any group is complete")
  func nothing() {
    var state = FeedState()
    #expect(state.apply(ProfilePage(version: 1)) == .complete)
    #expect(state.isComplete)
  }

  @Test("a page that promises more and has nothing new is no progress")
  func noProgress() {
    var state = FeedState()
    _ = state.apply(.of(5, apps: ["a"], more: true))
    #expect(state.apply(.of(5, apps: ["a"], more: true)) == .unchanged)
  }

  @Test("an app that was learned does not undo what the feed said of it")
  func learned() {
    var state = FeedState()
    var revoked = AppProfile.named("a", id: 1)
    revoked.secrets = []
    _ = state.apply(ProfilePage(version: 5, groups: [.named("haza")], apps: [revoked]))
    state.learn(.named("a", id: 1))
    #expect(state.directory.app(secret: SecretHash(of: "a")) == nil)
    state.learn(.named("b", id: 2))
    #expect(state.directory.app(secret: SecretHash(of: "b"))?.name == "b")
    #expect(state.version == 5)
  }
}
