import BaritoCore
import Testing

@Suite struct NamingTests {
  @Test(
    "a name becomes a topic name in lower case with dashes for spaces",
    arguments: [("Web API", "web-api"), ("a", "a"), ("Pay_2", "pay_2"), ("x - y", "x---y")])
  func topicName(name: String, topic: String) throws {
    #expect(try AppName.topicName(for: name) == topic)
  }

  @Test(
    "a name that cannot be a topic is refused with the reason",
    arguments: ["", "-web", "web-", " web", "_a", "a.b", "é", "a/b", "a\u{0}b", String(repeating: "a", count: 65)])
  func refused(name: String) {
    #expect(throws: AppName.Refusal.self) { try AppName.validate(name) }
  }

  @Test("the index prefix follows from the topic alone, with and without a shared cluster")
  func indexPrefix() {
    let shared = TopicNaming.shared(by: ClusterName("haruni"))
    #expect(shared.topic(for: "web") == "haruni.web_logs")
    #expect(shared.indexPrefix(ofTopic: "haruni.web_logs") == "haruni.web")
    #expect(shared.indexPrefix(for: "web") == "haruni.web")
    #expect(TopicNaming().indexPrefix(ofTopic: "haruni.web_logs") == "haruni.web")
    #expect(TopicNaming().topic(for: "web") == "web_logs")
  }

  @Test(
    "a topic that is not an app's has no index prefix",
    arguments: ["new_topic_events", "barito_usage", "_logs", "other.web_log"])
  func foreign(topic: String) {
    #expect(TopicNaming().indexPrefix(ofTopic: topic) == nil)
  }

  @Test("a secret's hash survives its hexadecimal form and refuses any other length")
  func hashes() throws {
    let bytes = (0..<32).map { UInt8($0 * 7 & 0xff) }
    let hash = try #require(SecretHash(bytes: bytes))
    #expect(SecretHash(hex: hash.hex) == hash)
    #expect(SecretHash(hex: hash.hex.uppercased()) == hash)
    #expect(SecretHash(bytes: bytes.dropLast()) == nil)
    #expect(SecretHash(bytes: bytes + [0]) == nil)
    #expect(SecretHash(hex: String(repeating: "g", count: 64)) == nil)
  }

  @Test("the sizes carry the TPS that they name, the smallest that does is chosen")
  func sizes() {
    #expect(ClusterTemplate.size(forTPS: 1)?.name == "small")
    #expect(ClusterTemplate.size(forTPS: 10_001)?.name == "medium")
    #expect(ClusterTemplate.size(forTPS: 200_000)?.name == "large")
    #expect(ClusterTemplate.size(forTPS: 200_001) == nil)
  }
}
