import CSnappy

/// The raw format of snappy: the content's length, then its parts. It has no checksum.
enum SnappyBlock {
  /// Three bytes copy at most 64, so that a content cannot be larger than this many times its block.
  private static let largestRatio = 22

  /// What the first bytes say of the content's length.
  enum Claim {
    case length(Int)
    /// The length itself is cut short.
    case truncated
    /// No length, or one that the bytes behind it cannot make.
    case corrupt(String)
  }

  static func claim(of input: UnsafeRawBufferPointer) -> Claim {
    var length = 0
    let status = snappy_uncompressed_length(chars(input), input.count, &length)
    guard status == SNAPPY_OK else {
      return input.count < 5 && input.allSatisfy { $0 >= 0x80 }
        ? .truncated : .corrupt("it does not begin with a length")
    }
    guard length <= input.count * largestRatio else {
      return .corrupt("it claims \(length) bytes, which \(input.count) bytes cannot hold")
    }
    return .length(length)
  }

  /// Decodes a whole block into a buffer that holds the claimed length.
  static func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> Decoder.Outcome {
    var length = output.count
    // An empty buffer may have no address, and snappy wants one.
    var nowhere: CChar = 0
    let status = withUnsafeMutablePointer(to: &nowhere) { nowhere in
      snappy_uncompress(
        chars(input), input.count, output.baseAddress?.assumingMemoryBound(to: CChar.self) ?? nowhere, &length)
    }
    switch status {
    case SNAPPY_OK: return .decoded(consumed: input.count, produced: length)
    case SNAPPY_BUFFER_TOO_SMALL: return .full
    default: return .corrupt("it is damaged, cut short, or of another format")
    }
  }

  static func encode(_ input: UnsafeRawBufferPointer) -> [UInt8] {
    let capacity = snappy_max_compressed_length(input.count)
    return [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
      count = capacity
      let status = UnsafeMutableRawBufferPointer(output).withMemoryRebound(to: CChar.self) { output in
        snappy_compress(chars(input), input.count, output.baseAddress, &count)
      }
      precondition(status == SNAPPY_OK, "snappy needs more than its own bound")
    }
  }

  private static func chars(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<CChar>? {
    bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
  }
}
