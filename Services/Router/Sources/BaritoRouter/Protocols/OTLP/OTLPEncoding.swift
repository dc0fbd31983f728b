/// How a request of OTLP/HTTP is written, and its answer with it.
enum OTLPEncoding: Sendable, CaseIterable {
  case protobuf
  /// Protobuf's JSON, but with hexadecimal trace and span ids.
  case json

  var contentType: String {
    switch self {
    case .protobuf: "application/x-protobuf"
    case .json: "application/json"
    }
  }

  /// nil for a type that OTLP does not have.
  init?(contentType: String?) {
    let type = contentType?.prefix { $0 != ";" && $0 != " " }.lowercased()
    guard let encoding = Self.allCases.first(where: { $0.contentType == type }) else { return nil }
    self = encoding
  }
}
