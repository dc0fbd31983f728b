import FaultKit
import TestKit
import Testing

extension FlowFaults {
  /// A fault, and how many requests it spares.
  struct Case: Sendable, CustomTestStringConvertible {
    var fault: BulkFault
    var every = 2
    var testDescription: String { "\(fault)" }
  }

  static let cases = [
    Case(fault: .busyItems(percent: 30), every: 1), Case(fault: .refused(status: 503)),
    Case(fault: .refused(status: 429)), Case(fault: .silent, every: 3), Case(fault: .cutRequest),
    Case(fault: .lostAnswer), Case(fault: .halfAnswer), Case(fault: .shortAnswer), Case(fault: .reversedItems, every: 1),
    Case(fault: .late(milliseconds: 300), every: 1),
  ]

  @Test("whatever Elasticsearch answers, each record becomes one document or one entry of the quarantine", arguments: cases)
  func faultyAnswers(wrong: Case) async throws {
    let shape = wrong.fault == .busyItems(percent: 30) ? Load.Shape(namedEvery: 0) : Load.Shape()
    try await FlowFaults.run(shape: shape, settings: ["elasticsearch.timeout": "2s"], isFaulty: true) { run in
      try await run.progress(by: 100, "records are indexed before")
      run.elasticsearch.begin(wrong.fault, every: wrong.every)
      try await eventually(within: .seconds(60), "the fault happened") { run.elasticsearch.account.faults >= 4 }
      try await Task.sleep(for: .seconds(1))
      run.elasticsearch.end()
      try await run.progress(by: 100, "records are indexed afterwards")
      if case .busyItems = wrong.fault {
        #expect(run.elasticsearch.account.conflicts == 0, "items that were taken are not sent again")
      }
    }
  }
}
