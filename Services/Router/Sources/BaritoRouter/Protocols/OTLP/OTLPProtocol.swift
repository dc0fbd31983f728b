import BaritoCore
import HTTP

/// OpenTelemetry's logs over HTTP: `POST /v1/logs`, in protobuf or JSON.
struct OTLPProtocol: IngestProtocol {
  static let name = "otlp"
  static let routes = [IngestRoute("POST", "/v1/logs")]

  func form(of request: HTTPRequest) throws(Refusal) -> OTLPEncoding {
    if let encoding = OTLPEncoding(contentType: request.headers["Content-Type"]) { return encoding }
    throw Refusal(
      .unsupportedEncoding,
      "OTLP is application/x-protobuf or application/json; the Content-Type is "
        + "\(request.headers["Content-Type"]?.prefix(80) ?? "missing").")
  }

  func read(
    _ body: Span<UInt8>, _ encoding: OTLPEncoding, into writer: inout DocumentBatchWriter
  ) throws(IngestRejection) -> LeftOut {
    switch encoding {
    case .protobuf: try OTLPProtobufReader.read(body, into: &writer)
    case .json: try OTLPJSONReader.read(body, into: &writer)
    }
  }

  func answer(_ receipt: Receipt, _ encoding: OTLPEncoding, _ leftOut: LeftOut) -> HTTPResponse {
    OTLPAnswer(encoding: encoding).stored(leftOut)
  }

  /// In JSON where the encoding is not known.
  func answer(_ refusal: Refusal, _ encoding: OTLPEncoding?) -> HTTPResponse {
    OTLPAnswer(encoding: encoding ?? .json).refused(refusal)
  }
}
