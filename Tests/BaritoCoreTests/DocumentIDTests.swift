import BaritoCore
import Testing

@Suite struct DocumentIDTests {
  @Test(
    "the id of a record is the same for ever",
    arguments: [
      (0, 0, 0, "000000000000000000000000000000"),
      (3, 1_234_567, 1_795_342_530_123, "01k81c1tib00000030000000015lk7"),
      (.max, .max, (1 << 50) - 1, "vvvvvvvvvv1vvvvvv7vvvvvvvvvvvv"),
      (0, 31, -1, "vvvvvvvvvv0000000000000000000v"),
    ] as [(Int32, Int64, Int64, String)])
  func records(_ partition: Int32, _ offset: Int64, _ timestamp: Int64, _ id: String) {
    #expect(DocumentID(partition: partition, offset: offset, timestamp: timestamp).description == id)
  }

  @Test("the id of an item of a named batch is the same for ever")
  func items() throws {
    let batch = try BatchID("Chunk_1.a:b-c")
    #expect(
      DocumentID(batch: batch, time: 1_795_342_530_123, item: 33).description
        == "Chunk_1.a:b-c-01k81c1tib-0000011")
    let longest = try BatchID(String(repeating: "x", count: 128))
    #expect(DocumentID(batch: longest, time: .max, item: .max).description.utf8.count == 147)
  }

  @Test("ids sort as time, partition and offset do")
  func order() {
    var random = SeededGenerator(seed: 7)
    let records = (0..<300).map { _ in
      // Few values each, so that ties are common.
      [
        Int64.random(in: 0...3, using: &random) << Int64.random(in: 0...46, using: &random),
        Int64.random(in: 0...40, using: &random), Int64.random(in: 0...3, using: &random) << 30,
      ]
    }
    let byNumber = records.sorted { $0.lexicographicallyPrecedes($1) }
    let byID = records.sorted { id($0).utf8.lexicographicallyPrecedes(id($1).utf8) }
    #expect(byNumber == byID)
    #expect(Set(records.map(id)).count == Set(records).count)
    #expect(records.allSatisfy { id($0).utf8.count == 30 })
  }

  private func id(_ numbers: [Int64]) -> String {
    DocumentID(partition: Int32(numbers[1]), offset: numbers[2], timestamp: numbers[0]).description
  }

  @Test("batches and items cannot be mixed up, with hyphens in their names either, nor with records")
  func collisions() throws {
    var ids: Set<String> = []
    var count = 0
    for name in ["a", "a-0000000000", "a-0000000000-0000000", "-", "--", "0000000000-0000000-0000000"] {
      for time in [0, 1, 32] as [Int64] {
        for item in [0, 1, 32] as [Int32] {
          ids.insert(DocumentID(batch: try BatchID(name), time: time, item: item).description)
          count += 1
        }
      }
    }
    #expect(ids.count == count)
    #expect(ids.allSatisfy { $0.contains("-") })
    #expect(!DocumentID(partition: -1, offset: -1, timestamp: -1).description.contains("-"))
  }

  @Test("batch ids hold what is allowed, whatever the case", arguments: ["a", "A-Z.a_z:0-9", "5b0c1f", "-", "."])
  func allowed(_ name: String) throws {
    #expect(try BatchID(name).description == name)
  }

  @Test(
    "other batch ids are refused with the rule and what breaks it",
    arguments: [
      ("", BatchIDError.Code.empty, "but has nothing"), (String(repeating: "a", count: 129), .tooLong, "129 bytes"),
      ("a b", .badCharacter, "byte 0x20 at position 1"), ("é", .badCharacter, "byte 0xc3 at position 0"),
      ("a\n", .badCharacter, "byte 0x0a at position 1"), ("a/b", .badCharacter, "byte 0x2f"),
      ("a\"", .badCharacter, "0x22"),
      ("a\0", .badCharacter, "0x00"),
    ])
  func refused(_ name: String, _ code: BatchIDError.Code, _ part: String) {
    let error = #expect(throws: BatchIDError.self) { _ = try BatchID(name) }
    #expect(error?.code == code)
    #expect(error?.detail.contains(part) == true)
    #expect(error?.detail.contains("1 to 128 characters of A-Z a-z 0-9 . _ : -") == true)
  }

  @Test("as JSON an id is a string, whatever its sender put into it")
  func json() throws {
    var output: [UInt8] = []
    try #require(DocumentID(sender: Array("a \"b\"\n".utf8))).append(jsonTo: &output)
    DocumentID(partition: 3, offset: 42, timestamp: 1_700_000_000_123).append(jsonTo: &output)
    #expect(String(decoding: output, as: UTF8.self) == #""a \"b\"\n""01hf7uaq3r0000003000000000001a""#)
  }
}
