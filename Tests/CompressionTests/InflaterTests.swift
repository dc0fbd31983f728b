import Compression
import Testing

@Suite struct InflaterTests {
  private let inflater = Inflater()

  private static let sample = Array(
    (0..<20).map { "line \($0 &* 2_654_435_761) of a log, much like the one before it\n" }.joined().utf8)

  private func code(_ input: [UInt8], _ format: CompressionFormat, limit: Int = 1 << 20) -> CompressionError.Code? {
    do throws(CompressionError) {
      _ = try inflater.inflate(input, as: format, limit: limit)
      return nil
    } catch {
      return error.code
    }
  }

  @Test(
    "content of any size survives every format", arguments: CompressionFormat.allCases,
    [0, 1, 100, 4095, 4096, 4097, 100_000, 1 << 20])
  func roundTrip(format: CompressionFormat, size: Int) throws {
    let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
    for level in [1, 12] {
      let deflated = Deflater.deflate(content, as: format, level: level)
      #expect(try inflater.inflate(deflated, as: format, limit: size) == content)
    }
  }

  @Test("content of exactly the limit passes, one byte more does not", arguments: CompressionFormat.allCases)
  func limit(format: CompressionFormat) throws {
    for size in [1, 10, 4096, 70_000] {
      let deflated = Deflater.deflate([UInt8](repeating: 7, count: size), as: format)
      #expect(try inflater.inflate(deflated, as: format, limit: size).count == size)
      #expect(code(deflated, format, limit: size - 1) == .tooLarge)
    }
    #expect(code(Deflater.deflate([1], as: format), format, limit: -1) == .tooLarge)
  }

  @Test("content cut at any byte is an error, never a shorter content", arguments: CompressionFormat.allCases)
  func cut(format: CompressionFormat) {
    let deflated = Deflater.deflate(Self.sample, as: format)
    for length in 0..<deflated.count {
      let code = code(Array(deflated[..<length]), format)
      #expect(code == .truncated || code == .corrupt, "cut at \(length)")
    }
    #expect(code([], format) == .truncated)
  }

  @Test("a cut raw deflate stream is an error")
  func cutRaw() {
    let raw = Self.raw(Self.sample)
    for length in 0..<raw.count { #expect(code(Array(raw[..<length]), .deflate) != nil, "cut at \(length)") }
  }

  @Test("a flipped bit is an error or changes nothing", arguments: CompressionFormat.allCases)
  func flipped(format: CompressionFormat) {
    var deflated = Deflater.deflate(Self.sample, as: format)
    for index in deflated.indices {
      for bit in [1, 64] as [UInt8] {
        deflated[index] ^= bit
        // Some header bits (time, operating system) mean nothing; libzstd writes no checksum here and snappy has none,
        // so that content may change within the limit.
        if let content = try? inflater.inflate(deflated, as: format, limit: 1 << 20),
          ![.zstd, .snappy].contains(format)
        {
          #expect(content == Self.sample)
        }
        deflated[index] ^= bit
      }
    }
  }

  @Test("a wrong checksum is corrupt", arguments: [CompressionFormat.gzip, .deflate])
  func checksum(format: CompressionFormat) {
    var deflated = Deflater.deflate(Self.sample, as: format)
    deflated[deflated.count - (format == .gzip ? 8 : 4)] ^= 1
    #expect(code(deflated, format) == .corrupt)
  }

  @Test("a gzip size that lies is corrupt, however small or large it claims to be", arguments: [0, 1, 0xFFFF_FFFF])
  func lyingSize(claim: UInt32) {
    var deflated = Deflater.deflate(Self.sample, as: .gzip)
    for byte in 0..<4 { deflated[deflated.count - 4 + byte] = UInt8(truncatingIfNeeded: claim >> UInt32(8 * byte)) }
    #expect(code(deflated, .gzip) == .corrupt)
  }

  @Test("members and frames one after another are one content", arguments: [CompressionFormat.gzip, .zstd])
  func members(format: CompressionFormat) throws {
    let parts = [Self.sample, [], [UInt8](repeating: 0, count: 100_000), Self.sample]
    let deflated = parts.flatMap { Deflater.deflate($0, as: format) }
    let content = Array(parts.joined())
    #expect(try inflater.inflate(deflated, as: format, limit: content.count) == content)
    #expect(code(deflated, format, limit: content.count - 1) == .tooLarge)
  }

  @Test("anything after the end is an error", arguments: CompressionFormat.allCases)
  func trailing(format: CompressionFormat) {
    let deflated = Deflater.deflate(Self.sample, as: format)
    for garbage in [[0], [0, 0, 0, 0], Array("garbage that is longer than a header and a trailer".utf8)] as [[UInt8]] {
      let code = code(deflated + garbage, format)
      #expect(code == .corrupt || (format == .zstd && code == .truncated))
    }
  }

  @Test("deflate is read with and without the zlib header")
  func rawDeflate() throws {
    #expect(try inflater.inflate(Self.raw(Self.sample), as: .deflate, limit: 1 << 20) == Self.sample)
    #expect(try inflater.inflate(Self.raw([]), as: .deflate, limit: 0) == [])
    #expect(code(Self.raw(Self.sample) + [0], .deflate) == .corrupt)
  }

  @Test("one format is not read as another", arguments: CompressionFormat.allCases, CompressionFormat.allCases)
  func otherFormat(written: CompressionFormat, read: CompressionFormat) {
    let code = code(Deflater.deflate(Self.sample, as: written), read)
    #expect((code == nil) == (written == read))
  }

  @Test("one inflater serves many threads", .timeLimit(.minutes(1)))
  func threads() async throws {
    let inflater = inflater
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<64 {
        group.addTask {
          let format = CompressionFormat.allCases[index % CompressionFormat.allCases.count]
          let content = [UInt8](repeating: UInt8(index), count: 1000 * index)
          return try inflater.inflate(Deflater.deflate(content, as: format), as: format, limit: 1 << 20) == content
        }
      }
      for try await isEqual in group { #expect(isEqual) }
    }
  }

  @Test("the names of HTTP content codings are understood")
  func names() {
    #expect(CompressionFormat(contentCoding: "gzip") == .gzip)
    #expect(CompressionFormat(contentCoding: "X-GZip") == .gzip)
    #expect(CompressionFormat(contentCoding: "deflate") == .deflate)
    #expect(CompressionFormat(contentCoding: "zstd") == .zstd)
    #expect(CompressionFormat(contentCoding: "br") == nil)
    // What HTTP calls by this name is the framed format, which nobody sends.
    #expect(CompressionFormat(contentCoding: "snappy") == nil)
    #expect(CompressionFormat(contentCoding: "identity") == nil)
  }

  @Test("an error says what, where and why, and nothing of the content")
  func message() {
    let error = #expect(throws: CompressionError.self) {
      try inflater.inflate(Array("secret-that-is-not-gzip".utf8), as: .gzip, limit: 100)
    }
    #expect(error?.description.contains("gzip") == true)
    #expect(error?.description.contains("byte 0") == true)
    #expect(error?.description.contains("secret") == false)
  }

  /// The deflate stream inside a zlib one: without two bytes of header and four of checksum.
  static func raw(_ content: [UInt8]) -> [UInt8] {
    Array(Deflater.deflate(content, as: .deflate).dropFirst(2).dropLast(4))
  }
}
