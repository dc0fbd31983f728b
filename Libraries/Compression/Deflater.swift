import CDeflate
import CZstd

/// Compresses whole bodies, for clients and tests. Each call makes and frees its encoder.
public enum Deflater {
  /// Compresses `input` into one member, stream, frame or block.
  /// - Parameter level: 1 (fast) to 12 (small) for gzip and deflate, 1 to 22 for zstd; out of range is clamped. Snappy has
  ///   none.
  public static func deflate(_ input: Span<UInt8>, as format: CompressionFormat, level: Int = 3) -> [UInt8] {
    input.withUnsafeBytes { bytes in
      switch format {
      case .gzip: deflate(bytes, level, bound: libdeflate_gzip_compress_bound, with: libdeflate_gzip_compress)
      case .deflate: deflate(bytes, level, bound: libdeflate_zlib_compress_bound, with: libdeflate_zlib_compress)
      case .zstd: zstd(bytes, level)
      case .snappy: SnappyBlock.encode(bytes)
      }
    }
  }

  /// Compresses `input`; the same as for a span.
  public static func deflate(_ input: [UInt8], as format: CompressionFormat, level: Int = 3) -> [UInt8] {
    deflate(input.span, as: format, level: level)
  }

  private static func deflate(
    _ input: UnsafeRawBufferPointer, _ level: Int, bound: (OpaquePointer?, Int) -> Int,
    with compress: (OpaquePointer?, UnsafeRawPointer?, Int, UnsafeMutableRawPointer?, Int) -> Int
  ) -> [UInt8] {
    guard let encoder = libdeflate_alloc_compressor(Int32(min(max(level, 1), 12))) else {
      fatalError("libdeflate could not allocate an encoder: out of memory")
    }
    defer { libdeflate_free_compressor(encoder) }
    let capacity = bound(encoder, input.count)
    return [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
      count = compress(encoder, input.baseAddress, input.count, output.baseAddress, capacity)
      precondition(count > 0, "libdeflate needs more than its own bound")
    }
  }

  private static func zstd(_ input: UnsafeRawBufferPointer, _ level: Int) -> [UInt8] {
    let capacity = ZSTD_compressBound(input.count)
    return [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
      count = ZSTD_compress(
        output.baseAddress, capacity, input.baseAddress, input.count, Int32(min(max(level, 1), 22)))
      precondition(ZSTD_isError(count) == 0, "libzstd needs more than its own bound, or memory is short")
    }
  }
}
