import BaritoCore
import HTTP
import Kafka
import Testing

@testable import BaritoRouter

@Suite struct RefusalTests {
  @Test("waiting is rounded up to whole seconds, one at least")
  func retryAfter() {
    func seconds(_ duration: Duration?) -> Int64? { Refusal(.limit, "", retryAfter: duration).retryAfterSeconds }
    #expect(seconds(nil) == nil)
    #expect(seconds(.zero) == 1)
    #expect(seconds(.milliseconds(1)) == 1)
    #expect(seconds(.milliseconds(1_001)) == 2)
    #expect(seconds(.seconds(5)) == 5)
  }

  @Test("senders over streams are held back for whatever HTTP is asked to send again", arguments: Refusal.Code.allCases)
  func pause(code: Refusal.Code) {
    let refusal = Refusal(code, "")
    #expect((refusal.pause(spread: 0) != nil) == [429, 503].contains(refusal.status))
  }

  @Test(
    "an app chooses the status of its limit",
    arguments: [(AppProfile.Overload.refuse, 429), (.refuseAsUnavailable, 503)])
  func overload(overload: AppProfile.Overload, status: Int) {
    let excess = IngestLimiter.Excess(holder: .app, unit: .lines, limit: 5, retryAfter: .seconds(3))
    let response = Refusal(excess, of: .named("a", overload: overload), lines: 7, bytes: 70).response
    let answer = Answer(response)
    #expect(answer.status == status && answer.headers["Retry-After"] == "3")
    #expect(answer.text.contains(#""code":"limit""#) && answer.text.contains(#""lines":7"#))
  }

  @Test("a refusal for a limit names every limit that holds, and the one that was met")
  func rateLimitFields() {
    let app = AppProfile.named("a", limits: IngestLimits(linesPerSecond: 100, bytesPerSecond: 5_000))
    var excess = IngestLimiter.Excess(holder: .group, unit: .bytes, limit: 9_000, retryAfter: .milliseconds(2_100))
    excess.used = 70_000
    excess.routers = 2
    let group = IngestLimits(bytesPerSecond: 9_000)
    let response = Refusal(excess, of: app, groupLimits: group, lines: 3, bytes: 300).response
    #expect(response.headers["RateLimit"] == #""group-bytes";r=0;t=3"#)
    #expect(
      response.headers["RateLimit-Policy"]
        == #""app-lines";q=500;w=10;qu="lines", "app-bytes";q=25000;w=10;qu="content-bytes", "#
        + #""group-bytes";q=45000;w=10;qu="content-bytes""#)
    #expect(Answer(response).text.contains("shared by 2 Routers"))
    excess.retryAfter = nil
    let never = Refusal(excess, of: app, groupLimits: group, lines: 3, bytes: 300).response
    #expect(never.headers["RateLimit"] == #""group-bytes";r=0"# && never.headers["Retry-After"] == nil)
  }

  @Test("what Kafka did not take is sent again, but for a line that is too large", arguments: KafkaError.Code.allCases)
  func kafka(code: KafkaError.Code) {
    let refusal = Refusal(kafka: KafkaError(code, "because"))
    #expect(refusal.detail.contains("because"))
    if code == .tooLarge {
      #expect(refusal.status == 413 && refusal.retryAfter == nil)
    } else {
      #expect(refusal.status == 503 && refusal.retryAfterSeconds == 1)
    }
  }

  @Test("every 503 says when to come back, and no 4xx but 429 does")
  func retries() {
    for refusal in [Refusal.noProfiles, Refusal(kafka: KafkaError(.timedOut, ""))] {
      #expect(refusal.status == 503 && refusal.response.headers["Retry-After"] != nil)
    }
  }
}
