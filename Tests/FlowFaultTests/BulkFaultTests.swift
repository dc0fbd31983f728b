import FaultKit
import TestKit
import Testing

extension FlowFaults {
  @Test("of a request that Elasticsearch takes in part, only the rest is sent again")
  func busyItems() async throws {
    try await FlowFaults.run(shape: Load.Shape(namedEvery: 0), isFaulty: true) { run in
      try await run.progress.advance("records are indexed before")
      let before = (conflicts: run.elasticsearch.account.conflicts, sent: run.load.count)
      run.elasticsearch.begin(.busyItems(percent: 30))
      try await run.progress.advance(by: 1000, "records are indexed meanwhile")
      try await eventually(within: .seconds(60), "the fault happened") { run.elasticsearch.account.faults >= 10 }
      run.elasticsearch.end()
      try await run.progress.advance("records are indexed afterwards")
      // A rebalance sends a batch again. Whole requests sent again would be nearly all conflicts.
      let conflicts = run.elasticsearch.account.conflicts - before.conflicts
      let sent = run.load.count - before.sent
      #expect(conflicts < sent / 10, "\(conflicts) conflicts for \(sent) records\n\(run.flow.lastWords)")
    }
  }

  /// What Elasticsearch does to how many requests: one in so many.
  private static let faults: [(fault: BulkFault, every: Int)] = [
    (.refused(status: 503), 2), (.refused(status: 429), 2), (.silent, 3), (.cutRequest, 2), (.lostAnswer, 2),
    (.halfAnswer, 2), (.shortAnswer, 2), (.late(milliseconds: 300), 1),
  ]

  @Test("whatever Elasticsearch answers, each record becomes one document or one entry of the quarantine")
  func wrongAnswers() async throws {
    try await FlowFaults.run(settings: ["elasticsearch.timeout": "3s"], isFaulty: true) { run in
      try await run.progress.advance("records are indexed before")
      for (fault, every) in FlowFaults.faults {
        let before = run.elasticsearch.account.faults
        run.elasticsearch.begin(fault, every: every)
        try await eventually(within: .seconds(60), "there are \(fault)") {
          run.elasticsearch.account.faults >= before + 4
        }
        run.elasticsearch.end()
        try await run.progress.advance("records are indexed after \(fault)")
      }
    }
  }

  @Test("an answer whose items are in another order does not pass for one")
  func reversedItems() async throws {
    try await FlowFaults.run(shape: Load.Shape(poisonEvery: 13), isFaulty: true) { run in
      run.elasticsearch.begin(.reversedItems)
      try await eventually(within: .seconds(60), "the fault happened") { run.elasticsearch.account.faults >= 4 }
      run.elasticsearch.end()
    }
  }
}
