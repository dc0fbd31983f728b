import BaritoCore
import Testing

@Suite struct BatchLimitsTests {
  let limits = BatchLimits(count: 10, bytes: 100, age: .seconds(1))

  @Test(
    "a batch is full by count, by bytes or by age, and says which",
    arguments: [
      (9, 99, 999, nil), (10, 0, 0, .count), (1, 100, 0, .bytes), (1, 1, 1000, .age), (10, 100, 1000, .count),
      (0, 0, 5000, nil),
    ] as [(Int, Int, Int, BatchLimits.Reason?)])
  func full(_ count: Int, _ bytes: Int, _ milliseconds: Int, _ reason: BatchLimits.Reason?) {
    #expect(limits.reasonToSend(count: count, bytes: bytes, age: .milliseconds(milliseconds)) == reason)
  }

  @Test("a record that would burst a batch is not admitted, but any record may travel alone")
  func admission() {
    #expect(limits.admits(10, toBatchOf: 9, bytes: 90))
    #expect(!limits.admits(11, toBatchOf: 9, bytes: 90))
    #expect(!limits.admits(1, toBatchOf: 10, bytes: 10))
    #expect(limits.admits(1000, toBatchOf: 0, bytes: 0))
    #expect(!limits.admits(.max, toBatchOf: 1, bytes: 1))
  }
}
