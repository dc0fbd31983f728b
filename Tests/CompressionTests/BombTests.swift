import Compression
import Testing

@Suite struct BombTests {
  private let inflater = Inflater()

  /// Zeros deflate to a run of one repeated byte that stands for 1032 of them (four matches of 258 in two bits each):
  /// lengthening the run makes a bomb without ever holding what it inflates to.
  private static func lengthened(_ deflated: [UInt8], by count: Int) throws -> [UInt8] {
    var best = 0..<0
    var start = 0
    for index in deflated.indices where deflated[index] != deflated[start] || index == deflated.count - 1 {
      if index - start > best.count { best = start..<index }
      start = index
    }
    try #require(best.count > 100)
    let middle = best.lowerBound + best.count / 2
    return deflated[..<middle] + [UInt8](repeating: deflated[middle], count: count) + deflated[middle...]
  }

  private static let zeros = [UInt8](repeating: 0, count: 1 << 20)

  @Test("a lengthened run really is content")
  func recipe() throws {
    let bomb = try Self.lengthened(InflaterTests.raw(Self.zeros), by: 1000)
    let content = try inflater.inflate(bomb, as: .deflate, limit: 1 << 22)
    #expect(content.count == Self.zeros.count + 1000 * 1032)
    #expect(content.allSatisfy { $0 == 0 })
  }

  @Test("ten gigabytes of zeros stop at the limit", arguments: [CompressionFormat.gzip, .deflate])
  func oneMember(format: CompressionFormat) throws {
    let bomb = try Self.lengthened(Deflater.deflate(Self.zeros, as: format), by: 10_000_000)
    let error = #expect(throws: CompressionError.self) {
      try inflater.inflate(bomb, as: format, limit: 1 << 20)
    }
    #expect(error?.code == .tooLarge)
  }

  @Test(
    "ten gigabytes in ten thousand members or frames stop at the limit", arguments: [CompressionFormat.gzip, .zstd])
  func manyMembers(format: CompressionFormat) throws {
    let member = Deflater.deflate(Self.zeros, as: format)
    var bomb: [UInt8] = []
    for _ in 0..<10_240 { bomb += member }
    let error = #expect(throws: CompressionError.self) {
      try inflater.inflate(bomb, as: format, limit: Self.zeros.count * 5 / 2)
    }
    #expect(error?.code == .tooLarge)
  }

  @Test("a zstd frame that claims exabytes allocates nothing of them")
  func lyingFrame() throws {
    // Magic, a descriptor that says "single segment, eight bytes of size", the size, one empty last block.
    let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xE0] + [UInt8](repeating: 0x0F, count: 8) + [1, 0, 0]
    #expect(throws: CompressionError.self) { try inflater.inflate(frame, as: .zstd, limit: 1 << 20) }
  }
}
