/// What stands at one place of bytes that should be UTF-8.
struct UTF8Sequence {
  /// Bytes it takes: of the character, or of the maximal subpart that one U+FFFD replaces. Never zero.
  let length: Int
  let isValid: Bool

  /// U+FFFD, which stands for what is not UTF-8.
  static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

  /// Looks at the sequence that starts at `index`, which must be inside `bytes`.
  init(_ bytes: Span<UInt8>, at index: Int) {
    let first = bytes[index]
    var continuations = 1
    // The second byte's bounds exclude overlong forms, surrogates and what is above U+10FFFF (Unicode, table 3-7).
    var low: UInt8 = 0x80
    var high: UInt8 = 0xBF
    switch first {
    case 0x00...0x7F: continuations = 0
    case 0xC2...0xDF: break
    case 0xE0: (continuations, low) = (2, 0xA0)
    case 0xED: (continuations, high) = (2, 0x9F)
    case 0xE1...0xEF: continuations = 2
    case 0xF0: (continuations, low) = (3, 0x90)
    case 0xF1...0xF3: continuations = 3
    case 0xF4: (continuations, high) = (3, 0x8F)
    default:
      (length, isValid) = (1, false)
      return
    }
    var taken = 1
    while taken <= continuations {
      guard index &+ taken < bytes.count else { break }
      let byte = bytes[index &+ taken]
      guard byte >= low, byte <= high else { break }
      (low, high) = (0x80, 0xBF)
      taken &+= 1
    }
    (length, isValid) = (taken, taken > continuations)
  }
}
