/// A document that was refused because of the mapping of its index, and not for want of being JSON.
struct MappingRefusal: Sendable, Equatable {
  /// The path of the field that the server names; nil where it names none: then it is one of those that are new.
  var field: String?

  /// - Returns: nil for any other answer.
  init?(_ item: BulkResponse.Item) {
    guard item.status == 400, MappingRefusal.types.contains(item.errorType) else { return nil }
    field = MappingRefusal.field(in: item.reason)
  }

  private static let types: Set<String> = [
    "document_parsing_exception", "mapper_parsing_exception", "illegal_argument_exception",
    "strict_dynamic_mapping_exception", "mapper_exception",
  ]

  /// What stands before the name of a field, and behind it, in the reasons of Elasticsearch 7 to 9 and OpenSearch.
  private static let phrases: [(before: String, after: Character)] = [
    ("object mapping for [", "]"), ("failed to parse field [", "]"), ("due to object field [", "]"),
    ("a non object mapping [", "]"), ("an object mapping [", "]"), ("a non-nested mapping [", "]"),
    ("dynamically add mapping for field [", "]"), ("mapper [", "]"),
    ("immense term in field=\"", "\""),
  ]

  /// The first name in a reason: what comes behind it may be a piece of the document.
  private static func field(in reason: String) -> String? {
    var first: (place: String.Index, name: String)?
    for (before, after) in phrases {
      guard let place = reason.firstRange(of: before), first.map({ place.lowerBound < $0.place }) ?? true else {
        continue
      }
      let rest = reason[place.upperBound...]
      guard let end = rest.firstIndex(of: after), end > rest.startIndex else { continue }
      first = (place.lowerBound, String(rest[..<end]))
    }
    return first?.name
  }
}
