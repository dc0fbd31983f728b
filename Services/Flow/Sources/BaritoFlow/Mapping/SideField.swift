/// The one field of a document that takes in whatever the mapping of its index does not: its name, and the types that
/// it has on servers of different kinds.
enum SideField: Sendable, Equatable {
  /// An object whose leaves are all searched as keywords, however many there are: Elasticsearch's.
  case flattened
  /// The same: OpenSearch's.
  case flatObject
  /// The text of a JSON object, where the server has neither.
  case text

  static let name = "barito_unmapped"

  /// The field's mapping. Long values are kept and not searched; objects may nest deeper than a mapping lets them.
  var mapping: String {
    switch self {
    case .flattened: #"{"type":"flattened","ignore_above":1024,"depth_limit":100}"#
    case .flatObject: #"{"type":"flat_object"}"#
    case .text: #"{"type":"text","norms":false}"#
    }
  }
}
