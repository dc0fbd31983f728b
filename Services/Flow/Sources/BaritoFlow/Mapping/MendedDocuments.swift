/// A document that its index's mapping does not take.
struct RefusedDocument: Sendable, Equatable {
  /// Its place in the request that came.
  var place: Int
  /// What was said of it, as it came and as it was mended since.
  var refusals: [MappingRefusal]

  /// Servers name one field at a time. A document with more that do not fit is not worth more requests.
  private static let mostRefusals = 8

  /// It was refused once more.
  /// - Returns: nil where that says nothing new.
  func adding(_ refusal: MappingRefusal) -> RefusedDocument? {
    guard refusals.count < RefusedDocument.mostRefusals, !refusals.contains(refusal) else { return nil }
    return RefusedDocument(place: place, refusals: refusals + [refusal])
  }
}

/// Documents that were mended, in one request.
struct MendedDocuments: Sendable {
  private(set) var request = BulkRequest()
  /// One for each item of the request, as is its index.
  private(set) var documents: [RefusedDocument] = []
  private(set) var indices: [String] = []

  var isEmpty: Bool { documents.isEmpty }
  var count: Int { documents.count }

  mutating func add(
    _ document: RefusedDocument, _ index: String, _ bytes: [UInt8], _ item: BulkRequest.Item, of request: BulkRequest
  ) {
    self.request.append(item, of: request, document: bytes.span)
    documents.append(document)
    indices.append(index)
  }

  var halves: (MendedDocuments, MendedDocuments) {
    let (front, back) = request.halves
    return (part(front, 0..<front.count), part(back, front.count..<count))
  }

  private func part(_ request: BulkRequest, _ places: Range<Int>) -> MendedDocuments {
    var part = MendedDocuments()
    part.request = request
    part.documents = Array(documents[places])
    part.indices = Array(indices[places])
    return part
  }

  /// Says the same of all of them.
  func answer(_ item: BulkResponse.Item, in response: inout BulkResponse) {
    for document in documents { response.items[document.place] = item }
  }
}

extension BulkResponse.Item {
  /// Nobody knows what became of it; ids make it safe to send it again.
  static func again(_ reason: String) -> Self { Self(status: 429, errorType: unanswered, reason: reason) }

  /// The server fails over it.
  static func failing(_ reason: String) -> Self { Self(status: 500, errorType: unanswered, reason: reason) }
}
