import BaritoCore

@testable import BaritoFlow

extension FuzzTarget {
  static let flow: [FuzzTarget] = [
    FuzzTarget("bulk-response") { bytes in
      for count in 0...3 {
        var request = BulkRequest()
        for id in 0..<count {
          request.create(record: id, index: [0x61], id: [0x30 + UInt8(id)], document: [0x7B, 0x7D].span)
        }
        guard let response = BulkResponse(bytes, to: request) else { continue }
        require(response.items.count == count, "an answer of other than \(count) items was believed")
        require(BulkOutcome(response).verdicts.count == count, "an item without a verdict")
      }
    }
  ]
}
