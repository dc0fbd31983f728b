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
    },
    FuzzTarget("diversion") { bytes in
      guard let all = MappedFields.all(in: Array(mapping.utf8).span) else { return }
      let reason = "failed to parse field [o.a] of type [long]"
      let refusals = [reason, "Limit of total fields [2000] has been exceeded"].compactMap {
        MappingRefusal(BulkResponse.Item(status: 400, errorType: "mapper_parsing_exception", reason: $0))
      }
      require(refusals.count == 2, "a refusal is not understood")
      let after = [[refusals[0]], [refusals[1]], refusals]
      for (fields, refusals) in all.values.flatMap({ fields in after.map { (fields, $0) } }) {
        guard let document = Diversion.divert(bytes, after: refusals, fields) else { continue }
        let kind = try? JSONScanner.validate(document.span).kind
        require(kind == .object, "a document became none")
        require(
          !document.contains(0x0A) || bytes.indices.contains { bytes[$0] == 0x0A }, "a line became two")
      }
    },
  ]

  private static let mapping =
    #"{"i":{"mappings":{"properties":{"n":{"type":"long"},"o":{"properties":{"a":{"type":"long"}}},"barito_unmapped":{"type":"flattened"}}}},"j":{"mappings":{"properties":{"o":{"type":"text"}}}}}"#
}
