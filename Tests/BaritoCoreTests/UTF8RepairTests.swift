import BaritoCore
import Testing

@Suite struct UTF8RepairTests {
  private func repaired(_ bytes: [UInt8]) -> ([UInt8], Int) {
    var output: [UInt8] = []
    let count = UTF8Repair.append(repairing: bytes.span, to: &output)
    return (output, count)
  }

  @Test(
    "one U+FFFD stands for each maximal subpart",
    arguments: [
      ([0x61, 0xC0, 0x80, 0x62], 2), ([0xE2, 0x82], 1), ([0xE2, 0x82, 0x61], 1), ([0xED, 0xA0, 0x80], 3),
      ([0xF4, 0x90, 0x80, 0x80], 4), ([0xF0, 0x9F, 0x98], 1), ([0xF0, 0x9F, 0xF0, 0x9F, 0x98, 0x80], 1), ([0x80], 1),
      ([0xE2, 0x82, 0xAC], 0), ([], 0),
    ] as [([UInt8], Int)])
  func subparts(_ bytes: [UInt8], _ repairs: Int) {
    let (output, count) = repaired(bytes)
    #expect(count == repairs)
    #expect(output == Array(String(decoding: bytes, as: UTF8.self).utf8))
    let isValid = UTF8Repair.isValid(bytes.span)
    #expect(isValid == (repairs == 0))
  }

  @Test("any bytes are repaired as the standard library does it", arguments: 0..<20 as Range<UInt64>)
  func oracle(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let text = Array("plain ascii, é€😀 and 漢字 over eight bytes".utf8)
    for _ in 0..<200 {
      var bytes = Array(text.prefix(Int.random(in: 0...text.count, using: &random)))
      for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let (output, count) = repaired(bytes)
      #expect(output == Array(String(decoding: bytes, as: UTF8.self).utf8))
      let isValid = UTF8Repair.isValid(bytes.span)
      #expect(isValid == (count == 0))
      #expect((output == bytes) == (count == 0))
    }
  }
}
