import BaritoCore
import Testing

@testable import Redaction

/// A rule that costs too much is switched off; the app's lines go on.
@Suite struct ExpensiveRuleTests {
  private let explosive = RedactionRule(name: "BOOM", .pattern("(a+)+$"))
  private let bad = #"{"m":"\#(String(repeating: "a", count: 64))b","mail":"a@b.cc"}"#

  @Test("a value that a rule cannot be done with is hidden whole; ten of them switch it off, and the others go on")
  func strikes() throws {
    let clock = TestClock()
    let redactor = Redactor([explosive, .mail], clock: clock.read)
    var (pass, tally) = (RedactionPass(), RedactionTally())
    for number in 1...10 {
      #expect(redactor.off.isEmpty)
      let outcome = pass.redact(bad.utf8Span.span, by: redactor, &tally)
      #expect(outcome == .redacted)
      #expect(String(decoding: pass.output, as: UTF8.self) == #"{"m":"[BOOM REDACTED]","mail":"[MAIL REDACTED]"}"#)
      #expect(tally.struck == [number, 0])
      clock.advance(seconds: 1)
    }
    #expect(redactor.off == ["BOOM"] && tally.switchedOff == [0])
    #expect(try redactor.redacted(bad)?.contains("[BOOM") == false)
    #expect(try redactor.redacted(bad)?.contains("[MAIL REDACTED]") == true)
    clock.advance(seconds: 601)
    #expect(redactor.off.isEmpty)
    #expect(try redactor.redacted(bad)?.contains("[BOOM REDACTED]") == true)
  }

  @Test("a strike now and then switches nothing off")
  func rare() throws {
    let clock = TestClock()
    let redactor = Redactor([explosive], clock: clock.read)
    for _ in 0..<30 {
      #expect(try redactor.redacted(bad) != nil)
      clock.advance(seconds: 10)
    }
    #expect(redactor.off.isEmpty)
  }

  @Test("what is no JSON is hidden whole by a rule that cannot be done with it")
  func text() throws {
    let redactor = Redactor([explosive, .mail])
    #expect(try redactor.redacted("a@b.cc " + String(repeating: "a", count: 64) + "b") == "[BOOM REDACTED]")
  }

  @Test("much time for each document switches a rule off, the same time for many does not")
  func time() {
    var health = RuleHealth()
    let outcomes = [health.took(4_900_000_000, documents: 16, 1), health.took(200_000_000, documents: 16, 2)]
    #expect(outcomes == [false, true])
    #expect(health.isOff(3) && !health.isOff(3 + RuleHealth.rest))
    var busy = RuleHealth()
    let isOff = busy.took(50_000_000_000, documents: 1_000_000, 1)
    #expect(!isOff && !busy.isOff(2))
  }
}
