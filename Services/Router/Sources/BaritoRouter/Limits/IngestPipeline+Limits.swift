import BaritoCore
import BaritoService

extension IngestPipeline {
  /// Takes a batch out of its app's budget, or says why not. An app that absorbs is only counted.
  func overLimit(
    _ batch: borrowing DocumentBatch, named name: BatchName?, in destination: Admission.Destination
  ) -> Refusal? {
    let app = destination.app
    let size = BatchSize(lines: batch.documents.count, bytes: batch.bytes.count)
    let known = copy batch
    guard
      let excess = limiter.admit(
        app, groupLimits: destination.groupLimits, lines: size.lines, bytes: size.bytes,
        now: clock.monotonicNanoseconds, mark: IngestPipeline.mark(of: known, named: name))
    else { return nil }
    guard app.overload != .absorb else {
      metrics.absorbed(size)
      return nil
    }
    metrics.limited(excess)
    return Refusal(excess, of: app, groupLimits: destination.groupLimits, lines: size.lines, bytes: size.bytes)
  }

  /// What is the same when a batch is sent again and another in another batch. Lines that were given the time of
  /// their arrival differ each time: then only the batch's name, or its size, tells.
  private static func mark(of batch: borrowing DocumentBatch, named name: BatchName?) -> Int {
    var hasher = Hasher()
    if let name {
      hasher.combine(bytes: name.id.bytes)
      return hasher.finalize()
    }
    guard batch.stamped == 0 else { return 0 }
    hasher.combine(bytes: batch.bytes.prefix(hashed))
    hasher.combine(bytes: batch.bytes.suffix(hashed))
    return hasher.finalize()
  }

  /// Bytes at either end that are looked at: enough to tell batches of one size apart.
  private static let hashed = 16 * 1024
}

extension Hasher {
  fileprivate mutating func combine(bytes: some Sequence<UInt8>) {
    for byte in bytes { combine(byte) }
  }
}
