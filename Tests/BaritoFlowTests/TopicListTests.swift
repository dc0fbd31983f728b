import BaritoCore
import Testing

@testable import BaritoFlow

@Suite struct TopicListTests {
  private let list = TopicList(always: ["new_topic_events"], naming: TopicNaming())

  @Test("a topic is new once, and only an app's topic is read")
  func add() {
    #expect(list.add(["a_logs", "a_logs", "other", "barito_usage", "_logs", ""]) == ["a_logs"])
    let version = list.current.version
    #expect(list.add(["a_logs"]).isEmpty && list.current.version == version)
    #expect(list.current.topics == ["a_logs", "new_topic_events"])
  }

  @Test("a topic is gone when two listings in a row do not have it")
  func gone() {
    list.add(["a_logs", "b_logs"])
    #expect(list.list(["b_logs", "c_logs"]).new == ["c_logs"])
    #expect(list.current.topics.contains("a_logs"))
    #expect(list.list(["b_logs", "c_logs"]).gone == ["a_logs"])
    #expect(list.current.topics == ["b_logs", "c_logs", "new_topic_events"])
    #expect(list.list(["a_logs", "b_logs", "c_logs"]).new == ["a_logs"])
  }

  @Test("a topic that one listing did not have, or an event told of since, stays")
  func doubted() {
    list.add(["a_logs", "b_logs"])
    _ = list.list([])
    list.add(["a_logs"])
    #expect(list.list(["b_logs"]).gone.isEmpty)
    #expect(list.list(["a_logs", "b_logs"]).gone.isEmpty)
    #expect(list.current.topics == ["a_logs", "b_logs", "new_topic_events"])
  }
}
