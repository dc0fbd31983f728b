package import BaritoCore
import Synchronization

/// The Router's hot functions by themselves, for `barito-bench micro`. Nothing of it is part of the service.
package final class IngestWorkload: Sendable {
  private let limiter = IngestLimiter()
  private let apps: [AppProfile]
  private let now = Atomic<UInt64>(1)

  /// - Parameter apps: that send in turn.
  package init(apps: [AppProfile]) { self.apps = apps }

  /// Makes documents of NDJSON.
  /// - Returns: how many.
  package func produce(_ body: Span<UInt8>) throws -> Int {
    var writer = writer(body)
    try ProduceReader.read(body, as: .ndjson, into: &writer)
    return writer.count
  }

  /// Makes documents, and the answer, of a bulk request.
  /// - Returns: how many were taken.
  package func bulk(_ body: Span<UInt8>) throws -> Int {
    var writer = writer(body)
    _ = try BulkReader.read(body, BulkProtocol.Form(index: "logs", filter: FilterPath(nil), start: .now), into: &writer)
    return writer.count
  }

  /// Makes documents of an OTLP request in protobuf.
  /// - Returns: how many.
  package func otlp(_ body: Span<UInt8>) throws -> Int {
    var writer = writer(body)
    _ = try OTLPProtocol().read(body, .protobuf, into: &writer)
    return writer.count
  }

  /// Asks so many times whether a batch may pass, a microsecond apart, for 100 apps in turn.
  package func admit(_ count: Int) {
    let limits = IngestLimits(linesPerSecond: 1_000_000_000)
    for number in 0..<count {
      let time = now.add(1000, ordering: .relaxed).newValue
      _ = limiter.admit(
        apps[number % min(100, apps.count)], groupLimits: limits, lines: 500, bytes: 100_000, now: time)
    }
  }

  private func writer(_ body: Span<UInt8>) -> DocumentBatchWriter {
    DocumentBatchWriter(
      receivedAt: .earliest, limits: .init(documentBytes: 1 << 20, items: 50_000), capacity: body.count + 1024)
  }
}
