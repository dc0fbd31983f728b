import Kafka
import TestKit
import Testing

@testable import BaritoFlow

@Suite struct BatchLedgerTests {
  private let shop = TopicPartition("shop_logs", 0)

  @Test("a batch that ends before an older one stores nothing of theirs yet")
  func order() {
    var ledger = BatchLedger()
    ledger.began(1, [shop: 10])
    ledger.began(2, [shop: 20])
    #expect(ledger.ended(2, [shop], stops: [:]) == [:])
    #expect(ledger.isUnderWay(shop))
    #expect(ledger.ended(1, [shop], stops: [:]) == [shop: 20])
    #expect(!ledger.isUnderWay(shop))
  }

  @Test("a partition that was left for later is stored up to there, whatever later batches finish")
  func stops() {
    var ledger = BatchLedger()
    ledger.began(1, [shop: 10])
    ledger.began(2, [shop: 20])
    ledger.began(3, [shop: 30])
    #expect(ledger.ended(1, [shop], stops: [shop: 4]) == [shop: 4])
    #expect(ledger.ended(3, [shop], stops: [:]) == [shop: 4])
    #expect(ledger.isUnderWay(shop))
    #expect(ledger.ended(2, [shop], stops: [shop: 15]) == [shop: 4])
    #expect(!ledger.isUnderWay(shop) && ledger.stop(of: shop) == 4)
    ledger.forget([shop])
    ledger.began(4, [shop: 12])
    #expect(ledger.ended(4, [shop], stops: [:]) == [shop: 12])
  }

  @Test("what was taken away while it was under way stores nothing, even where it has come back")
  func revoked() {
    var ledger = BatchLedger()
    ledger.began(1, [shop: 10])
    ledger.forget([shop])
    ledger.began(2, [shop: 5])
    #expect(ledger.ended(1, [shop], stops: [:]) == [:])
    #expect(ledger.ended(2, [shop], stops: [:]) == [shop: 5])
  }

  /// The truth beside the ledger: which records are finished, and where each partition is read on.
  private struct Model {
    var finished: [TopicPartition: Set<Int64>] = [:]
    var position: [TopicPartition: Int64] = [:]
    var stored: [TopicPartition: Int64] = [:]

    /// The first record that is not finished.
    func unfinished(_ partition: TopicPartition) -> Int64 {
      var offset = stored[partition] ?? 0
      while finished[partition]?.contains(offset) == true { offset += 1 }
      return offset
    }
  }

  @Test(
    "whatever ends in whatever order, is left for later or taken away: what is stored is never beyond the first unfinished record, and is that one in the end",
    arguments: 0..<100)
  func property(seed: Int) throws {
    var random = Seeded(UInt64(seed))
    let partitions = (0..<4).map { TopicPartition("app\($0)_logs", Int32($0 % 2)) }
    var ledger = BatchLedger()
    var model = Model()
    var underWay: [Int: [TopicPartition: Range<Int64>]] = [:]
    var stopped: Set<TopicPartition> = []
    /// By partition, how often it was taken away: what a batch of before does counts for nobody.
    var epoch: [TopicPartition: Int] = [:]
    var epochs: [Int: [TopicPartition: Int]] = [:]
    var number = 0
    func end(_ batch: Int, mayStop: Bool) {
      guard let ranges = underWay.removeValue(forKey: batch) else { return }
      var stops: [TopicPartition: Int64] = [:]
      for (partition, range) in ranges {
        var end = range.upperBound
        if mayStop, Int.random(in: 0..<6, using: &random) == 0 {
          end = Int64.random(in: range, using: &random)
          stops[partition] = end
        }
        for offset in range.lowerBound..<end { model.finished[partition, default: []].insert(offset) }
      }
      for (partition, offset) in ledger.ended(batch, ranges.keys, stops: stops) {
        model.stored[partition] = offset
        #expect(offset <= model.unfinished(partition), "seed \(seed): \(partition) is stored too far")
      }
      for partition in stops.keys where epochs[batch]?[partition] == epoch[partition, default: 0] {
        stopped.insert(partition)
      }
    }
    func goOn() {
      for partition in stopped where !ledger.isUnderWay(partition) {
        model.position[partition] = ledger.stop(of: partition)
        ledger.forget([partition])
        stopped.remove(partition)
      }
    }
    for _ in 0..<300 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5 where underWay.count < 5:
        number += 1
        var ranges: [TopicPartition: Range<Int64>] = [:]
        for partition in partitions where !stopped.contains(partition) && Bool.random(using: &random) {
          let start = model.position[partition] ?? 0
          ranges[partition] = start..<start + Int64.random(in: 1...9, using: &random)
          model.position[partition] = ranges[partition]?.upperBound
          epochs[number, default: [:]][partition] = epoch[partition, default: 0]
        }
        ledger.began(number, ranges.mapValues { $0.upperBound })
        underWay[number] = ranges
      case 9:
        let partition = try #require(partitions.randomElement(using: &random))
        ledger.forget([partition])
        stopped.remove(partition)
        epoch[partition, default: 0] += 1
        // The new owner begins with what is stored.
        model.position[partition] = model.stored[partition] ?? 0
      default:
        if let batch = underWay.keys.sorted().randomElement(using: &random) { end(batch, mayStop: true) }
        goOn()
      }
    }
    // Everything is read again until nothing is left for later.
    for batch in underWay.keys.sorted().reversed() { end(batch, mayStop: false) }
    goOn()
    number += 1
    let rest = model.position.filter { !stopped.contains($0.key) }
    ledger.began(number, rest.mapValues { $0 + 1 })
    underWay[number] = rest.mapValues { $0..<$0 + 1 }
    end(number, mayStop: false)
    for (partition, position) in rest {
      // Batches whose partition was taken away may have finished more than is told of.
      #expect(model.stored[partition] == position + 1 && model.unfinished(partition) >= position + 1)
    }
  }
}
