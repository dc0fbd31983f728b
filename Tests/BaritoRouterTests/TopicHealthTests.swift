import Testing

@testable import BaritoRouter

@Suite struct TopicHealthTests {
  private let start = ContinuousClock.now
  private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

  @Test("while answers come, everything is let through, however much is on its way")
  func well() {
    var health = TopicHealth(patience: .seconds(1))
    for second in 0..<100 {
      for _ in 0..<3 { #expect(health.begin(at(Double(second))) == nil) }
      health.end(.delivered, at(Double(second) + 0.9))
      health.end(.delivered, at(Double(second) + 0.9))
    }
    #expect(health.outstanding == 100)
    #expect(health.silence(at(99.9)) == nil)
  }

  @Test("after a second without any answer batches are refused, and the first answer lets them in again")
  func silence() {
    var health = TopicHealth(patience: .seconds(1))
    #expect(health.begin(at(0)) == nil)
    #expect(health.begin(at(1)) == nil)
    #expect(health.begin(at(1.5)) == .seconds(1.5))
    #expect(health.begin(at(9)) == .seconds(9))
    #expect(health.outstanding == 2)
    health.end(.delivered, at(9.5))
    #expect(health.begin(at(9.6)) == nil)
  }

  @Test("those that wait lose their patience a second after the last word of Kafka, or after the first batch")
  func waiting() {
    var health = TopicHealth(patience: .seconds(1))
    #expect(health.lostPatience == nil)
    #expect(health.begin(at(0)) == nil)
    #expect(health.begin(at(0.5)) == nil)
    #expect(health.lostPatience == at(1))
    health.end(.delivered, at(0.75))
    #expect(health.lostPatience == at(1.75))
    health.end(.unanswered, at(10))
    #expect(health.lostPatience == nil)
    #expect(health.begin(at(20)) == nil, "one that tries")
    #expect(health.lostPatience == at(21))
  }

  @Test("when all that was on its way has failed, one batch at a time is let through to try")
  func probe() {
    var health = TopicHealth(patience: .seconds(1))
    #expect(health.begin(at(0)) == nil)
    #expect(health.begin(at(0)) == nil)
    health.end(.unanswered, at(10))
    #expect(health.begin(at(10)) != nil)
    health.end(.unanswered, at(10))
    #expect(health.silence(at(10)) != nil)
    for round in 2..<5 {
      let now = Double(round * 10)
      #expect(health.begin(at(now)) == nil)
      #expect(health.begin(at(now)) != nil)
      health.end(.unanswered, at(now + 9))
    }
    #expect(health.begin(at(50)) == nil)
    health.end(.delivered, at(50))
    #expect(health.begin(at(51)) == nil)
    #expect(health.begin(at(51)) == nil)
  }

  @Test("a pause of the senders is no silence of Kafka")
  func pause() {
    var health = TopicHealth(patience: .seconds(1))
    #expect(health.begin(at(0)) == nil)
    health.end(.delivered, at(0))
    #expect(health.silence(at(1000)) == nil)
    #expect(health.begin(at(1000)) == nil)
    #expect(health.begin(at(1000.5)) == nil)
    #expect(health.silence(at(1000.9)) == nil)
  }

  @Test("a topic that is found is no proof that it takes lines")
  func found() {
    var health = TopicHealth(patience: .seconds(1))
    #expect(health.begin(at(0)) == nil)
    health.end(.unanswered, at(10))
    #expect(health.begin(at(10)) == nil)
    health.end(.found, at(10))
    #expect(health.begin(at(10)) == nil)
    #expect(health.begin(at(10)) != nil)
  }

  @Test("what ends for reasons of its own says nothing of Kafka")
  func unknown() {
    var health = TopicHealth(patience: .seconds(1))
    #expect(health.begin(at(0)) == nil)
    health.end(.unknown, at(0))
    #expect(health.outstanding == 0 && health.silence(at(20)) == nil)
    #expect(TopicHealth.End(nil) == .delivered)
  }
}
