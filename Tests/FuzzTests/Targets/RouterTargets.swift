import BaritoCore

@testable import BaritoRouter

extension FuzzTarget {
  static let router: [FuzzTarget] = [
    FuzzTarget("syslog") { bytes in
      // Small, so that messages are cut.
      let limits = DocumentBatch.Limits(documentBytes: 256, items: 10_000)
      var writer = DocumentBatchWriter(receivedAt: .earliest, limits: limits, capacity: 0)
      var framer = SyslogFramer(maximum: limits.documentBytes)
      var credentials = SyslogCredentials()
      while let frame = framer.next(in: bytes) ?? framer.last(in: bytes) {
        require((1...bytes.count).contains(framer.position), "a framer that stands still")
        require(frame.content.count <= bytes.count, "a message of more than there is")
        let content = bytes.extracting(frame.content)
        let message = SyslogMessage(content)
        _ = credentials.read(message, in: content)
        _ = SyslogDocument.append(message, of: content, isCut: frame.isCut, to: &writer)
      }
      let batch = writer.batch
      require(batch.documents.last?.upperBound ?? 0 == batch.bytes.count, "bytes behind the last document")
      for range in batch.documents {
        require(range.count <= limits.documentBytes, "a document over the limit")
        requireDocument(batch.bytes, range)
      }
    },
    FuzzTarget("produce") { bytes in
      for format in ProduceFormat.allCases {
        requireBatch(of: bytes) { body, writer throws(IngestRejection) in
          try ProduceReader.read(body, as: format, into: &writer)
        }
      }
    },
    FuzzTarget("bulk") { bytes in
      requireBatch(of: bytes) { body, writer throws(IngestRejection) in
        let form = BulkProtocol.Form(index: "logs", filter: FilterPath(nil), start: .now)
        let items = try BulkReader.read(body, form, into: &writer)
        let json = Array("[".utf8) + items.bytes + Array("]".utf8)
        require((try? JSONScanner.validate(json.span))?.kind == .array, "the answer is not JSON")
        require(writer.count + writer.batch.refused.values.reduce(0, +) == items.count, "an action without an outcome")
      }
    },
    FuzzTarget("otlp") { bytes in
      for encoding in OTLPEncoding.allCases {
        requireBatch(of: bytes) { body, writer throws(IngestRejection) in
          _ = try OTLPProtocol().read(body, encoding, into: &writer)
        }
      }
    },
    FuzzTarget("loki") { bytes in
      for format in LokiProtocol.Format.allCases {
        requireBatch(of: bytes) { body, writer throws(IngestRejection) in
          _ = try LokiProtocol().read(body, format, into: &writer)
        }
      }
    },
  ]
}

/// Whatever a protocol makes of a body: documents within the limits, or a refusal.
func requireBatch(
  of bytes: Span<UInt8>, _ read: (Span<UInt8>, inout DocumentBatchWriter) throws(IngestRejection) -> Void
) {
  let limits = DocumentBatch.Limits(documentBytes: 512, items: 16)
  var writer = DocumentBatchWriter(receivedAt: .earliest, limits: limits, capacity: 0)
  do throws(IngestRejection) {
    try read(bytes, &writer)
  } catch {
    require((0...bytes.count).contains(error.offset), "a fault outside of the body: \(error)")
    require(!error.detail.isEmpty, "a refusal without a reason")
    return
  }
  let batch = writer.batch
  require(batch.documents.count <= limits.items, "too many documents")
  require(batch.documents.last?.upperBound ?? 0 == batch.bytes.count, "bytes behind the last document")
  for range in batch.documents {
    require(range.count <= limits.documentBytes, "a document over the limit")
    requireDocument(batch.bytes, range)
  }
}
