import Compression
import FoundationEssentials
import TestKit
import Testing

/// Blocks as the Python package python-snappy writes and reads them.
@Suite struct SnappyTests {
  private static let folder = "/" + #filePath.split(separator: "/").dropLast().joined(separator: "/") + "/Fixtures"
  private static let python = environmentVariable("BARITO_TEST_PYTHON") ?? "python3"
  private let inflater = Inflater()

  private static func bytes(hex: some StringProtocol) -> [UInt8] {
    guard hex != "-" else { return [] }
    let digits = hex.utf8.map { $0 < 0x3A ? $0 - 0x30 : $0 - 0x57 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  private static let cases: [(content: [UInt8], block: [UInt8])] = String(
    decoding: contents(ofFile: "\(folder)/snappy_cases.txt") ?? [], as: UTF8.self
  ).split(separator: "\n").map { line in
    let parts = line.split(separator: " ")
    return (bytes(hex: parts[0]), bytes(hex: parts[1]))
  }

  private func code(_ input: [UInt8], limit: Int = 1 << 20) -> CompressionError.Code? {
    do throws(CompressionError) {
      _ = try inflater.inflate(input, as: .snappy, limit: limit)
      return nil
    } catch { return error.code }
  }

  @Test("blocks of another writer are read")
  func golden() throws {
    #expect(Self.cases.count == 8)
    for (content, block) in Self.cases {
      #expect(try inflater.inflate(block, as: .snappy, limit: content.count) == content)
    }
  }

  @Test(
    "another reader reads our blocks",
    .enabled("the Python package python-snappy is missing; set BARITO_TEST_PYTHON to a Python that has it") {
      let scratch = try makeTemporaryFolder()
      defer { removeFolder(scratch) }
      let child = try ChildProcess("python", python, ["-c", "import snappy"], output: "\(scratch)/out")
      return try await child.waitForExit(within: .seconds(30)) == 0
    }, .timeLimit(.minutes(1)))
  func otherReader() async throws {
    let scratch = try makeTemporaryFolder()
    defer { removeFolder(scratch) }
    let contents = Self.cases.map(\.content) + [(0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 9) }]
    let blocks = contents.map { Self.hex(Deflater.deflate($0, as: .snappy)) }.joined(separator: "\n")
    try Data(blocks.utf8).write(to: URL(filePath: "\(scratch)/blocks"))
    let child = try ChildProcess(
      "snappy", Self.python, ["\(Self.folder)/snappy_cases.py", "--inflate", "\(scratch)/blocks"],
      output: "\(scratch)/out")
    #expect(try await child.waitForExit() == 0, "\(child.lastOutput)")
    let read = String(decoding: child.output, as: UTF8.self).split(separator: "\n").map { Self.bytes(hex: $0) }
    #expect(read == contents)
  }

  @Test("a block that claims more than it can hold, or more than the limit, is refused unread")
  func claims() {
    let four: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]
    #expect(code(four + [0x00, 0x61], limit: .max) == .corrupt)
    #expect(code(four + [0x00, 0x61]) == .corrupt)
    #expect(code(Deflater.deflate([UInt8](repeating: 0, count: 1 << 20), as: .snappy), limit: 1 << 19) == .tooLarge)
    #expect(code([0xFF, 0xFF]) == .truncated)
    #expect(code([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]) == .corrupt)
  }

  @Test("the best compressed content there is passes")
  func ratio() throws {
    // One literal, then copies of 64 bytes each in three: the most that the format can do.
    var block: [UInt8] = []
    let copies = 10_000
    var length = 1 + 64 * copies
    while length >= 0x80 {
      block.append(UInt8(length & 0x7F) | 0x80)
      length >>= 7
    }
    block += [UInt8(length), 0x00, 0x61]
    for _ in 0..<copies { block += [0xFE, 0x01, 0x00] }
    let content = try inflater.inflate(block, as: .snappy, limit: 1 << 20)
    #expect(content == [UInt8](repeating: 0x61, count: 1 + 64 * copies))
  }

  @Test("random bytes are refused or inflate within the limit")
  func random() {
    var refused = 0
    var state: UInt64 = 1
    func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    for _ in 0..<2000 {
      let bytes = (0..<next() % 41).map { _ in UInt8(truncatingIfNeeded: next()) }
      do throws(CompressionError) {
        #expect(try inflater.inflate(bytes, as: .snappy, limit: 500).count <= 500)
      } catch { refused += 1 }
    }
    #expect(refused > 1000)
  }
}
