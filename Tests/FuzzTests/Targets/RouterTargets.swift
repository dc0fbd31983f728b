import BaritoCore
import Compression

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
    FuzzTarget("forward") { bytes in
      var framing = MessagePackFraming(limits: MessagePackLimits(elements: 10_000, length: 1 << 16))
      guard let length = (try? framing.length(in: bytes)) ?? nil else { return }
      require((1...bytes.count).contains(length), "a message that does not end in what there is")
      let message = bytes.extracting(0..<length)
      for expectsPing in [false, true] {
        var reader = MessagePackReader(message)
        guard let kind = try? ForwardMessage(&reader, in: message, expectsPing: expectsPing) else { continue }
        switch kind {
        case .heartbeat: break
        case .ping(let ping):
          // Nobody knows the salts, so nobody proves a secret.
          guard case .failure = ForwardHandshake().check(ping) else { fatalError("a handshake without the secret") }
        case .events(let events): requireForward(events, in: message)
        }
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

/// Whatever a message of the forward protocol holds: documents within the limits, or a refusal.
private func requireForward(_ events: ForwardEvents, in message: Span<UInt8>) {
  let limits = BodyReader.Limits(bodyBytes: 1 << 16, inflatedBytes: 1 << 16, documentBytes: 512, items: 16)
  let (secret, tag) = ForwardCredentials.split(events.tag, in: message)
  _ = ForwardCredentials.read(message.extracting(secret))
  var reader = ForwardReader(limits, Inflater(), receivedAt: .earliest, capacity: message.count)
  do throws(Refusal) {
    try reader.read(events, tag: tag, in: message)
  } catch {
    require(!error.detail.isEmpty, "a refusal without a reason")
  }
  if let chunk = events.chunk {
    let id = ByteSequence(message.extracting(chunk)).map { $0 }
    _ = ForwardChunk.name(id, part: 0, firstTime: reader.firstTime, now: 1_700_000_000_000)
    require(!ForwardChunk.acknowledgement(of: id).isEmpty, "no acknowledgement")
  }
  for batch in reader.batches {
    require(batch.documents.count <= limits.items, "too many documents")
    for range in batch.documents {
      require(range.count <= limits.documentBytes, "a document over the limit")
      requireDocument(batch.bytes, range)
    }
  }
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
