import BaritoCore

@testable import BaritoFlow

extension FuzzTarget {
  static let flow: [FuzzTarget] = [
    FuzzTarget("bulk-response") { bytes in
      for count in 0...3 {
        guard let response = BulkResponse(bytes, count: count) else { continue }
        require(response.items.count == count, "an answer of other than \(count) items was believed")
        require(BulkOutcome(response).verdicts.count == count, "an item without a verdict")
      }
    }
  ]
}
