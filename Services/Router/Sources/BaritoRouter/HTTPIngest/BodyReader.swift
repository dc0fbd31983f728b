import BaritoCore
import Compression

/// From the bytes of a request to documents, or to the refusal that says what is wrong with them. Pure but for the
/// inflater, which keeps its buffers.
struct BodyReader: Sendable {
  struct Limits: Sendable, Equatable {
    /// Of the body as it is sent.
    var bodyBytes: Int
    /// Of the body inflated.
    var inflatedBytes: Int
    /// Of one document.
    var documentBytes: Int
    var items: Int

    /// Of what a body becomes: bytes at most twice, since what it says once may stand in every document.
    var batch: DocumentBatch.Limits {
      DocumentBatch.Limits(documentBytes: documentBytes, items: items, bytes: 2 * inflatedBytes)
    }

    /// Refuses by its length a body that need not be read. One without a length is held to the limit as it is read.
    func check(contentLength: String?) throws(Refusal) {
      guard let length = contentLength.flatMap({ Int($0) }), length > bodyBytes else { return }
      throw Refusal(
        .bodyTooLarge, "The body has \(length) bytes and \(bodyBytes) are allowed; send it in parts.",
        members: [("limit", bodyBytes)])
    }
  }

  let limits: Limits
  let inflater: Inflater

  /// How a body is compressed; nil for not at all.
  static func compression(of header: String?) throws(Refusal) -> CompressionFormat? {
    guard let header, !header.isEmpty, header.lowercased() != "identity" else { return nil }
    guard let format = CompressionFormat(contentCoding: header) else {
      throw Refusal(
        .unsupportedEncoding,
        "Content-Encoding \(header.prefix(40)) is not known here; send gzip, deflate, zstd or none.")
    }
    return format
  }

  /// Inflates and reads a body as its protocol has it.
  func read<P: IngestProtocol>(
    _ body: [UInt8], _ compression: CompressionFormat?, as source: P, _ form: P.Form, receivedAt: Timestamp
  ) throws(Refusal) -> (batch: DocumentBatch, remainder: P.Remainder) {
    guard let compression else { return try read(body.span, as: source, form, receivedAt) }
    let inflated: [UInt8]
    do throws(CompressionError) {
      inflated = try inflater.inflate(body, as: compression, limit: limits.inflatedBytes)
    } catch {
      if error.code == .tooLarge {
        throw Refusal(
          .bodyTooLarge, "The body inflates to more than \(limits.inflatedBytes) bytes; send it in parts.",
          members: [("limit", limits.inflatedBytes)])
      }
      throw Refusal(.malformed, "The body is not the \(compression) that it is said to be: \(error.detail).")
    }
    return try read(inflated.span, as: source, form, receivedAt)
  }

  private func read<P: IngestProtocol>(
    _ body: Span<UInt8>, as source: P, _ form: P.Form, _ receivedAt: Timestamp
  ) throws(Refusal) -> (batch: DocumentBatch, remainder: P.Remainder) {
    // Room for the timestamps too, so that the arena seldom grows.
    var writer = DocumentBatchWriter(
      receivedAt: receivedAt, limits: limits.batch, capacity: body.count + body.count / 4 + 64)
    do throws(IngestRejection) {
      let remainder = try source.read(body, form, into: &writer)
      return (writer.batch, remainder)
    } catch {
      throw Refusal(error, limits: limits)
    }
  }
}

extension Refusal {
  init(_ rejection: IngestRejection, limits: BodyReader.Limits) {
    let code = Code(rejection.code)
    var members = [("offset", rejection.offset)]
    switch code {
    case .lineTooLarge: members.append(("limit", limits.documentBytes))
    case .tooManyItems: members.append(("limit", limits.items))
    default: break
    }
    self.init(code, rejection.detail, members: members)
  }
}

extension Refusal.Code {
  init(_ code: IngestRejection.Code) {
    switch code {
    case .malformed, .noItems: self = .malformed
    case .lineTooLarge: self = .lineTooLarge
    case .tooManyItems: self = .tooManyItems
    }
  }
}
