import Dispatch

@testable import BaritoBench

/// Sinks that serve while a test runs.
enum SinkThread {
  /// Runs a sink on a thread of its own until the tests end, or until it fails.
  /// - Parameter onComplete: is given the documents that came behind the first request.
  static func serve(
    _ sink: BulkSink, onFailure: @escaping @Sendable (String) -> Void = { _ in },
    onComplete: @escaping @Sendable (Int) -> Void
  ) throws -> Int {
    let port = sink.port
    let handed = Handed(sink: sink)
    DispatchQueue(label: "sink").async {
      do {
        try handed.sink.run(onComplete: { documents, _ in onComplete(documents) })
      } catch {
        onFailure("\(error)")
      }
    }
    return port
  }
}

/// The thread that it is handed to is the only one that uses it from then on.
private struct Handed: @unchecked Sendable {
  let sink: BulkSink
}
