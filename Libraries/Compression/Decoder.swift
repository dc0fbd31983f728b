import CDeflate
import CZstd

/// One decoder of each library, made when first needed and used by one thread at a time.
///
/// Sendable because libdeflate and libzstd allow a decoder to move between threads as long as no two calls overlap;
/// `Inflater` takes it out of its list for the length of a call.
final class Decoder: @unchecked Sendable {
  /// What became of one gzip member, one deflate stream, all zstd frames or one snappy block.
  enum Outcome {
    case decoded(consumed: Int, produced: Int)
    case full
    case corrupt(String)
    case truncated
  }

  private var deflate: OpaquePointer?
  private var zstd: OpaquePointer?

  deinit {
    libdeflate_free_decompressor(deflate)
    ZSTD_freeDCtx(zstd)
  }

  func decode(
    _ input: UnsafeRawBufferPointer, as format: CompressionFormat, into output: UnsafeMutableRawBufferPointer
  ) -> Outcome {
    switch format {
    case .gzip: input.count < 18 ? shortGzip(input) : inflate(input, output, libdeflate_gzip_decompress_ex)
    case .deflate: decodeDeflate(input, into: output)
    case .zstd: decodeZstd(input, into: output)
    case .snappy: SnappyBlock.decode(input, into: output)
    }
  }

  /// Header and trailer alone are 18 bytes: what is shorter is cut, or something else after the last member.
  private func shortGzip(_ input: UnsafeRawBufferPointer) -> Outcome {
    let magic: [UInt8] = [0x1F, 0x8B, 8]
    return zip(input, magic).allSatisfy { $0 == $1 } ? .truncated : .corrupt("it is no gzip member")
  }

  private func decodeDeflate(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Outcome {
    // The low nibble of a zlib header is 8. Raw deflate with that nibble would be a stored block with a padding bit
    // set, which no encoder writes.
    let isZlib = input.count >= 2 && input[0] & 0x0F == 8 && (Int(input[0]) << 8 | Int(input[1])) % 31 == 0
    if isZlib && input.count < 8 { return .truncated }
    let outcome = inflate(input, output, isZlib ? libdeflate_zlib_decompress_ex : libdeflate_deflate_decompress_ex)
    if case .decoded(let consumed, _) = outcome, consumed < input.count {
      return .corrupt("\(input.count - consumed) bytes follow its end")
    }
    return outcome
  }

  private typealias Inflate = (
    OpaquePointer?, UnsafeRawPointer?, Int, UnsafeMutableRawPointer?, Int, UnsafeMutablePointer<Int>?,
    UnsafeMutablePointer<Int>?
  ) -> libdeflate_result

  private func inflate(
    _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, _ function: Inflate
  ) -> Outcome {
    if deflate == nil { deflate = libdeflate_alloc_decompressor() }
    guard let deflate else { fatalError("libdeflate could not allocate a decoder: out of memory") }
    var consumed = 0
    var produced = 0
    // An empty buffer may have no address, and libdeflate wants one.
    var nowhere: UInt8 = 0
    let result = withUnsafeMutablePointer(to: &nowhere) { nowhere in
      function(
        deflate, input.baseAddress, input.count, output.baseAddress ?? UnsafeMutableRawPointer(nowhere), output.count,
        &consumed, &produced)
    }
    switch result {
    case LIBDEFLATE_SUCCESS: return .decoded(consumed: consumed, produced: produced)
    case LIBDEFLATE_INSUFFICIENT_SPACE: return .full
    default: return .corrupt("it is damaged, cut short, or of another format")
    }
  }

  private func decodeZstd(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Outcome {
    if zstd == nil { zstd = ZSTD_createDCtx() }
    guard let zstd else { fatalError("libzstd could not allocate a decoder: out of memory") }
    // Frames decode straight into the buffer, so there is no window to allocate, whatever size the frame asks for.
    let result = ZSTD_decompressDCtx(zstd, output.baseAddress, output.count, input.baseAddress, input.count)
    guard ZSTD_isError(result) != 0 else { return .decoded(consumed: input.count, produced: result) }
    switch ZSTD_getErrorCode(result) {
    case ZSTD_error_dstSize_tooSmall: return .full
    case ZSTD_error_srcSize_wrong: return .truncated
    default: return .corrupt(String(cString: ZSTD_getErrorName(result)))
    }
  }
}
