import BaritoCore
import Compression
import HTTP

/// A way for lines to come in over HTTP: turns a body into documents, and says in its sender's words what became of them.
///
/// Everything else is the same for all protocols and is done for it: credentials, limits, Kafka, counting, dry runs.
protocol IngestProtocol: Sendable {
  /// What the request's line and headers say; read before the body.
  associatedtype Form: Sendable
  /// What the answer has to say of the body beside the documents that were taken, such as the items that were not.
  associatedtype Remainder: Sendable = Void

  /// Labels metrics.
  static var name: String { get }
  static var routes: [IngestRoute] { get }

  func form(of request: HTTPRequest) throws(Refusal) -> Form

  /// How the body is compressed; nil for not at all. By `Content-Encoding` where a protocol says nothing else.
  func compression(of request: HTTPRequest) throws(Refusal) -> CompressionFormat?

  /// Puts the body's documents into the writer. On the server's thread: it must not block.
  func read(
    _ body: Span<UInt8>, _ form: Form, into writer: inout DocumentBatchWriter
  ) throws(IngestRejection) -> Remainder

  /// The answer to a batch that is safe in Kafka, or had no documents.
  func answer(_ receipt: Receipt, _ form: Form, _ remainder: Remainder) -> HTTPResponse

  /// The answer to a request that was refused.
  ///
  /// - Parameter form: nil when it could not be told from the headers.
  func answer(_ refusal: Refusal, _ form: Form?) -> HTTPResponse
}

/// A method and a pattern that a protocol is served at.
struct IngestRoute: Sendable {
  var method: String
  var pattern: String

  init(_ method: String, _ pattern: String) {
    self.method = method
    self.pattern = pattern
  }
}

extension IngestProtocol {
  func compression(of request: HTTPRequest) throws(Refusal) -> CompressionFormat? {
    try BodyReader.compression(of: request.headers["Content-Encoding"])
  }

  func answer(_ refusal: Refusal, _: Form?) -> HTTPResponse { refusal.response }
}
