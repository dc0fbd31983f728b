import BaritoCore
import Compression

/// From the bytes of a request to documents, or to the refusal that says what is wrong with them. Pure but for the
/// inflater, which keeps its buffers.
struct Framing: Sendable {
  struct Limits: Sendable, Equatable {
    /// Of the body as it is sent.
    var bodyBytes: Int
    /// Of the body inflated.
    var inflatedBytes: Int
    /// Of one document.
    var documentBytes: Int
    var items: Int

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
  static func encoding(of header: String?) throws(Refusal) -> CompressionFormat? {
    guard let header else { return nil }
    switch header.lowercased() {
    case "", "identity": return nil
    case "gzip", "x-gzip": return .gzip
    case "deflate": return .deflate
    case "zstd": return .zstd
    default:
      throw Refusal(
        .unsupportedEncoding,
        "Content-Encoding \(header.prefix(40)) is not known here; send gzip, deflate, zstd or none.")
    }
  }

  func frame(
    _ body: [UInt8], encoding: CompressionFormat?, as format: ProduceBody.Format, receivedAt: Timestamp
  ) throws(Refusal) -> ProduceBody {
    guard let encoding else { return try frame(body.span, as: format, receivedAt: receivedAt) }
    let inflated: [UInt8]
    do throws(CompressionError) {
      inflated = try inflater.inflate(body, as: encoding, limit: limits.inflatedBytes)
    } catch {
      if error.code == .tooLarge {
        throw Refusal(
          .bodyTooLarge, "The body inflates to more than \(limits.inflatedBytes) bytes; send it in parts.",
          members: [("limit", limits.inflatedBytes)])
      }
      throw Refusal(.malformed, "The body is not the \(encoding) that Content-Encoding says: \(error.detail).")
    }
    return try frame(inflated.span, as: format, receivedAt: receivedAt)
  }

  private func frame(
    _ body: Span<UInt8>, as format: ProduceBody.Format, receivedAt: Timestamp
  ) throws(Refusal) -> ProduceBody {
    do throws(ProduceRejection) {
      return try ProduceBody(
        body, as: format, receivedAt: receivedAt,
        limits: ProduceBody.Limits(documentBytes: limits.documentBytes, items: limits.items))
    } catch {
      throw Refusal(error, limits: limits)
    }
  }
}

extension Refusal {
  init(_ rejection: ProduceRejection, limits: Framing.Limits) {
    switch rejection.code {
    case .malformed, .noItems:
      self.init(.malformed, rejection.detail, members: [("offset", rejection.offset)])
    case .lineTooLarge:
      self.init(
        .lineTooLarge, rejection.detail, members: [("offset", rejection.offset), ("limit", limits.documentBytes)])
    case .tooManyItems:
      self.init(.tooManyItems, rejection.detail, members: [("offset", rejection.offset), ("limit", limits.items)])
    }
  }
}
