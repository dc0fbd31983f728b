import CDeflate
import CZstd
import Synchronization

/// Inflates whole bodies up to a limit, for any number of threads at once.
///
/// One instance serves a process: the C library's decoders are kept and reused, as many as ever ran at once. The limit
/// holds while inflating: no byte beyond it is written, and no buffer larger than it is allocated, whatever sizes the
/// content claims.
public final class Inflater: Sendable {
  private let idle = Mutex<[Decoder]>([])

  /// An inflater without decoders; they are made as needed.
  public init() {}

  /// Inflates all of `input`.
  ///
  /// Costs at most a third more than one pass at the final size: the libraries need a buffer that holds everything, so
  /// it grows fourfold and the current member starts again.
  /// - Parameter limit: the largest content allowed, in bytes; content of exactly this size is returned.
  /// - Throws: `tooLarge`, `corrupt` or `truncated`; empty input is `truncated`.
  public func inflate(
    _ input: Span<UInt8>, as format: CompressionFormat, limit: Int
  ) throws(CompressionError) -> [UInt8] {
    let decoder = idle.withLock { $0.popLast() } ?? Decoder()
    defer { idle.withLock { $0.append(decoder) } }
    let (output, failure) = input.withUnsafeBytes { bytes in
      Self.inflate(bytes, as: format, limit: max(limit, 0), with: decoder)
    }
    if let failure { throw failure }
    return output
  }

  /// Inflates all of `input`; the same as for a span.
  public func inflate(
    _ input: [UInt8], as format: CompressionFormat, limit: Int
  ) throws(CompressionError) -> [UInt8] {
    try inflate(input.span, as: format, limit: limit)
  }

  private static func inflate(
    _ input: UnsafeRawBufferPointer, as format: CompressionFormat, limit: Int, with decoder: Decoder
  ) -> ([UInt8], CompressionError?) {
    guard !input.isEmpty else { return ([], .truncated(format, at: 0)) }
    if format == .snappy, let failure = refuse(snappy: input, limit: limit) { return ([], failure) }
    var output: [UInt8] = []
    var offset = 0
    var capacity = InitialCapacity.of(input, as: format, limit: limit)
    while true {
      var failure: CompressionError?
      var isFull = false
      output = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        _ = buffer.update(fromContentsOf: output)
        count = output.count
        while offset < input.count, failure == nil, !isFull {
          let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count..<capacity])
          switch decoder.decode(UnsafeRawBufferPointer(rebasing: input[offset...]), as: format, into: rest) {
          case .decoded(let consumed, let produced):
            offset += consumed
            count += produced
          case .full: isFull = true
          case .corrupt(let why): failure = .corrupt(format, at: offset, why)
          case .truncated: failure = .truncated(format, at: offset)
          }
        }
      }
      if let failure { return ([], failure) }
      if !isFull { return (output, nil) }
      if capacity >= limit { return ([], .tooLarge(format, limit: limit)) }
      capacity = capacity > limit / 4 ? limit : capacity * 4
    }
  }
}

extension Inflater {
  /// What is wrong with a block by the length that it claims, before anything is allocated for it.
  private static func refuse(snappy input: UnsafeRawBufferPointer, limit: Int) -> CompressionError? {
    switch SnappyBlock.claim(of: input) {
    case .length(let length): length > limit ? .tooLarge(.snappy, limit: limit) : nil
    case .truncated: .truncated(.snappy, at: 0)
    case .corrupt(let why): .corrupt(.snappy, at: 0, why)
    }
  }
}

/// How large the first buffer is.
private enum InitialCapacity {
  /// Deflate cannot expand more than this, so a larger claim is a lie.
  private static let largestDeflateRatio = 1032
  private static let smallest = 4096

  static func of(_ input: UnsafeRawBufferPointer, as format: CompressionFormat, limit: Int) -> Int {
    let guess = max(input.count.multipliedReportingOverflow(by: 6).partialValue, smallest)
    // The sizes that the content claims are hints: they choose the first buffer, never the result.
    let claimed: Int? =
      switch format {
      case .gzip: isize(input).map { min($0, input.count * largestDeflateRatio) }
      case .deflate: nil
      case .zstd: frameContentSize(input).map { min($0, max(guess, 1 << 20)) }
      case .snappy: if case .length(let length) = SnappyBlock.claim(of: input) { length } else { nil }
      }
    return min(max(claimed ?? guess, 1), limit)
  }

  private static func isize(_ input: UnsafeRawBufferPointer) -> Int? {
    guard input.count >= 18 else { return nil }
    return Int(UInt32(littleEndian: input.loadUnaligned(fromByteOffset: input.count - 4, as: UInt32.self)))
  }

  private static func frameContentSize(_ input: UnsafeRawBufferPointer) -> Int? {
    // Unknown and error are the two largest values.
    Int(exactly: ZSTD_getFrameContentSize(input.baseAddress, input.count))
  }
}

extension CompressionError {
  fileprivate static func tooLarge(_ format: CompressionFormat, limit: Int) -> Self {
    Self(code: .tooLarge, detail: "cannot inflate \(format): the content is larger than the limit of \(limit) bytes")
  }

  fileprivate static func corrupt(_ format: CompressionFormat, at offset: Int, _ why: String) -> Self {
    Self(code: .corrupt, detail: "cannot inflate \(format): in the part that starts at byte \(offset): \(why)")
  }

  fileprivate static func truncated(_ format: CompressionFormat, at offset: Int) -> Self {
    Self(code: .truncated, detail: "cannot inflate \(format): the part that starts at byte \(offset) ends early")
  }
}
