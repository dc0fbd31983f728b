import TestKit
import Testing

@testable import BaritoFlow

@Suite struct FairTurnsTests {
  /// Topics with so much to read each; who is not resting is read in equal parts, as a broker does.
  private struct Reading {
    var turns: FairTurns
    var weights: [String: Int]
    var left: [String: Int]
    var taken: [String: Int] = [:]

    init(_ weights: [String: Int], left: Int, quantum: Int = 1000, seats: Int = 4) {
      turns = FairTurns(quantum: quantum, seats: seats)
      self.weights = weights
      self.left = weights.mapValues { _ in left }
      taken = weights.mapValues { _ in 0 }
    }

    mutating func read(_ bytes: Int) {
      let open = left.keys.filter { !turns.resting.contains($0) && left[$0] ?? 0 > 0 }
      for topic in open.sorted() {
        let part = min(bytes / open.count, left[topic] ?? 0)
        left[topic]? -= part
        taken[topic]? += part
        turns.took(part, of: topic)
      }
      turns.update(behind: weights.filter { left[$0.key] ?? 0 > 0 }, isStarved: open.isEmpty)
    }
  }

  @Test("apps that are behind are read in proportion to their weights", arguments: [1, 2, 16])
  func proportion(seats: Int) throws {
    var reading = Reading(["a": 1, "b": 2, "c": 4, "d": 1], left: 10_000_000, seats: seats)
    for _ in 0..<4000 { reading.read(500) }
    let unit = Double(reading.taken.values.reduce(0, +)) / 8
    for (topic, weight) in reading.weights {
      let taken = Double(reading.taken[topic] ?? 0)
      #expect(abs(taken / (unit * Double(weight)) - 1) < 0.02, "\(topic): \(taken) of \(unit * Double(weight))")
    }
  }

  @Test("one that was alone for long owes the one that comes nothing")
  func newcomer() {
    var reading = Reading(["a": 1, "b": 1], left: 0)
    reading.left["a"] = 1_000_000
    for _ in 0..<500 { reading.read(1000) }
    let before = reading.taken["a"] ?? 0
    reading.left["b"] = 100_000
    for _ in 0..<100 { reading.read(1000) }
    let (a, b) = ((reading.taken["a"] ?? 0) - before, reading.taken["b"] ?? 0)
    #expect(abs(a - b) <= 4000, "\(a) and \(b)")
  }

  @Test("an app that is not behind never rests, however many others are")
  func quiet() {
    var turns = FairTurns(quantum: 1000, seats: 4)
    var flood: [String: Int] = [:]
    for number in 0..<500 { flood["flood-\(number)"] = 1 }
    for _ in 0..<200 {
      turns.update(behind: flood, isStarved: false)
      #expect(!turns.resting.contains("quiet"))
      #expect(turns.resting.count == 496)
      for topic in flood.keys where !turns.resting.contains(topic) { turns.took(1000, of: topic) }
    }
  }

  @Test("everybody has a turn: none waits for more than a round")
  func turns() {
    var reading = Reading(
      Dictionary(uniqueKeysWithValues: (0..<100).map { ("app-\($0)", 1 + $0 % 3) }), left: 1_000_000, seats: 8)
    for _ in 0..<100 * 3 * 3 { reading.read(1000) }
    #expect(reading.taken.values.allSatisfy { $0 > 0 })
  }

  @Test("where those whose turn it is have nothing to give, the others are read")
  func starved() {
    var turns = FairTurns(quantum: 1000, seats: 1)
    turns.update(behind: ["a": 1, "b": 1], isStarved: false)
    let first = turns.resting
    #expect(first.count == 1)
    turns.update(behind: ["a": 1, "b": 1], isStarved: true)
    #expect(turns.resting.count == 1 && turns.resting != first)
  }

  @Test("nobody rests alone, and who has caught up rests no more")
  func alone() {
    var turns = FairTurns(quantum: 10, seats: 1)
    turns.update(behind: ["a": 1], isStarved: false)
    turns.took(10_000, of: "a")
    turns.update(behind: ["a": 1], isStarved: false)
    #expect(turns.resting == [])
    turns.update(behind: ["a": 1, "b": 1], isStarved: false)
    #expect(turns.resting.count == 1)
    turns.update(behind: [:], isStarved: false)
    #expect(turns.resting == [])
  }
}
