import BaritoCore
import Testing

/// Random damage to JSON must be judged as `JSONDecoder` judges it.
///
/// Known differences, which the damage is kept away from: `JSONDecoder` refuses numbers that no `Double` can hold, escaped
/// lone surrogates and more than 512 levels, all of which the grammar allows; it refuses malformed UTF-8, which Barito
/// repairs; it reads UTF-16, UTF-32 and a byte order mark, which RFC 8259 forbids to send, and a comma before `]`.
@Suite struct JSONOracleTests {
  static let seeds = [
    #"{"@timestamp":"2026-11-22T10:15:30.123Z","level":"info","n":-12.5e3,"ok":true,"none":null,"tags":["a",{"b":[]}]}"#,
    #"[0,-0,1,10.25,1E+2,1e-2,"",{},[],[[]],{"":""},false]"#,
    #"{"text":"quote \" slash \/ backslash \\ tab \t é \u00e9 漢","nested":{"a":{"b":{"c":[1,2,3]}}}}"#,
    " \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : \"x\" }\n ", "\"just text\"", "-1.5", "true", "null",
  ]
  static let alphabet = Array(#"{}[],:"\/bfnrtu0123456789+-.eE truefalsn"#.utf8) + [0x09, 0x0A, 0x01, 0x1F, 0x7F]

  @Test("damaged JSON is accepted and refused as JSONDecoder does", arguments: 0..<16 as Range<UInt64>)
  func damaged(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var accepted = 0
    var refused = 0
    for _ in 0..<250 {
      var bytes = Array(Self.seeds.randomElement(using: &random)!.utf8)
      for _ in 0..<Int.random(in: 0...3, using: &random) { damage(&bytes, &random) }
      let isOutside = isOutsideTheComparison(bytes)
      if isOutside { continue }
      let isValid = (try? JSONScanner.validate(bytes.span)) != nil
      let isDecoded = JSONTree(bytes) != nil
      #expect(isValid == isDecoded, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
      if isValid { accepted += 1 } else { refused += 1 }
    }
    // Otherwise the comparison would say little.
    #expect(accepted >= 25)
    #expect(refused >= 25)
  }

  private func damage(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: bytes.indices, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: bytes.remove(at: place)
    case 1: bytes.insert(Self.alphabet.randomElement(using: &random)!, at: place)
    case 2: bytes[place] = Self.alphabet.randomElement(using: &random)!
    case 3: bytes.swapAt(place, Int.random(in: bytes.indices, using: &random))
    default: bytes.removeLast(min(bytes.count, Int.random(in: 1...4, using: &random)))
    }
  }

  private func isOutsideTheComparison(_ bytes: [UInt8]) -> Bool {
    let isUTF8 = UTF8Repair.isValid(bytes.span)
    if !isUTF8 { return true }
    let text = String(decoding: bytes, as: UTF8.self).lowercased()
    if text.contains("\\ud") { return true }
    var before: UInt8 = 0
    for byte in text.utf8 where byte > 0x20 {
      if before == UInt8(ascii: ","), byte == UInt8(ascii: "]") { return true }
      before = byte
    }
    // Three digits of exponent may be more than a Double can hold.
    var digits: Int?
    for character in text.utf8 {
      switch character {
      case UInt8(ascii: "e"): digits = 0
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits = digits.map { $0 + 1 }
      case UInt8(ascii: "+"), UInt8(ascii: "-"): break
      default: digits = nil
      }
      if let digits, digits > 2 { return true }
    }
    return false
  }
}
