import BaritoCore
import Compression
import HTTP

/// What ships to Loki: `POST /loki/api/v1/push`, as JSON, or as protobuf in a block of snappy.
struct LokiProtocol: IngestProtocol {
  enum Format: Sendable, CaseIterable {
    case json
    case protobuf
  }

  static let name = "loki"
  static let routes = [IngestRoute("POST", "/loki/api/v1/push")]

  /// Protobuf where the sender does not say, as Loki has it.
  func form(of request: HTTPRequest) throws(Refusal) -> Format {
    let type = request.headers["Content-Type"]
    switch type?.prefix(while: { $0 != ";" && $0 != " " }).lowercased() {
    case nil, "", "application/x-protobuf": return .protobuf
    case "application/json": return .json
    default:
      throw Refusal(
        .unsupportedEncoding,
        "A push is application/json or application/x-protobuf; the Content-Type is \(type?.prefix(80) ?? "").")
    }
  }

  /// Loki's clients compress protobuf without saying so.
  func compression(of request: HTTPRequest) throws(Refusal) -> CompressionFormat? {
    let coding = request.headers["Content-Encoding"] ?? ""
    guard try form(of: request) == .protobuf else { return try BodyReader.compression(of: coding) }
    if coding.isEmpty || coding.lowercased() == "snappy" { return .snappy }
    throw Refusal(
      .unsupportedEncoding,
      "A push in protobuf is a block of snappy; Content-Encoding \(coding.prefix(40)) is for JSON only.")
  }

  func read(
    _ body: Span<UInt8>, _ format: Format, into writer: inout DocumentBatchWriter
  ) throws(IngestRejection) -> LeftOut {
    switch format {
    case .json: try LokiJSONReader.read(body, into: &writer)
    case .protobuf: try LokiProtobufReader.read(body, into: &writer)
    }
  }

  /// 204, or, as Loki has it, an error where some entries were not taken although the others are stored: its clients send
  /// nothing again after that, and say in their log what it says.
  func answer(_ receipt: Receipt, _: Format, _ leftOut: LeftOut) -> HTTPResponse {
    guard leftOut.count > 0 else { return .empty(204) }
    let refusal = Refusal(.lineTooLarge, "\(leftOut.message); the other \(receipt.accepted) are stored.")
    return answer(refusal, nil)
  }

  /// Text, which Loki's clients put into their own log.
  func answer(_ refusal: Refusal, _: Format?) -> HTTPResponse {
    var response = HTTPResponse.text("\(refusal.code.rawValue): \(refusal.detail)\n", status: refusal.status)
    for (name, value) in refusal.response.headers.pairs where name != "Content-Type" {
      response.headers.add(name, value)
    }
    return response
  }
}
