import Kafka
import Testing

@Suite("Offset tracker")
struct OffsetTrackerTests {
  let a = TopicPartition("t", 0)
  let b = TopicPartition("t", 1)

  @Test("only the contiguous prefix may be stored")
  func prefix() {
    var tracker = OffsetTracker()
    // Offsets have gaps where Kafka removed records.
    for offset: Int64 in [3, 5, 9] { tracker.began(offset, in: a) }
    tracker.finished(5, in: a)
    #expect(tracker.takeStorable() == [:])
    tracker.finished(3, in: a)
    #expect(tracker.takeStorable() == [a: 6])
    #expect(tracker.takeStorable() == [:])
    tracker.finished(9, in: a)
    #expect(tracker.takeStorable() == [a: 10])
    #expect(tracker.pending == 0)
  }

  @Test("a revoked partition is forgotten, and late news of it ignored")
  func revoked() {
    var tracker = OffsetTracker()
    for offset: Int64 in 0..<3 {
      tracker.began(offset, in: a)
      tracker.began(offset, in: b)
    }
    tracker.finished(0, in: a)
    tracker.finished(0, in: b)
    tracker.revoked([a])
    tracker.finished(1, in: a)
    #expect(tracker.takeStorable() == [b: 1])
    #expect(tracker.pending == 2)
    tracker.began(7, in: a)
    tracker.finished(1, in: a)
    #expect(tracker.takeStorable() == [:])
    tracker.finished(7, in: a)
    #expect(tracker.takeStorable() == [a: 8])
  }

  @Test("a record that is delivered again starts the partition anew")
  func again() {
    var tracker = OffsetTracker()
    for offset: Int64 in [0, 1, 2, 1] { tracker.began(offset, in: a) }
    #expect(tracker.pending == 1)
    tracker.finished(0, in: a)
    #expect(tracker.takeStorable() == [:])
    tracker.finished(1, in: a)
    #expect(tracker.takeStorable() == [a: 2])
  }

  @Test("in any order of completion, what may be stored is what a plain model says", arguments: 0..<12)
  func property(seed: UInt64) {
    var random = SplitMix(state: seed)
    var tracker = OffsetTracker()
    // The model: all offsets delivered and the set of those that are done.
    var delivered: [TopicPartition: [Int64]] = [:]
    var done: [TopicPartition: Set<Int64>] = [:]
    var stored: [TopicPartition: Int64] = [:]
    var last: [TopicPartition: Int64] = [:]
    for _ in 0..<800 {
      let partition = TopicPartition("t", Int32.random(in: 0..<3, using: &random))
      switch Int.random(in: 0..<400, using: &random) {
      case 0:
        tracker.revoked([partition])
        (delivered[partition], done[partition], stored[partition]) = (nil, nil, nil)
      case 1..<200:
        let offset = last[partition, default: -1] + Int64.random(in: 1...3, using: &random)
        last[partition] = offset
        tracker.began(offset, in: partition)
        delivered[partition, default: []].append(offset)
      default:
        guard let offset = delivered[partition]?.suffix(60).randomElement(using: &random) else { continue }
        tracker.finished(offset, in: partition)
        done[partition, default: []].insert(offset)
      }
      stored.merge(tracker.takeStorable()) { before, now in
        #expect(now > before)
        return now
      }
      let prefix = delivered[partition, default: []].prefix { done[partition, default: []].contains($0) }
      #expect(stored[partition] == prefix.last.map { $0 + 1 })
    }
    #expect(tracker.pending > 0)
  }
}

/// A generator whose numbers a seed decides.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
