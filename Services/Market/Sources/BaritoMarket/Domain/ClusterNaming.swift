internal import BaritoCore

/// Turns the numbers of a sequence into words that can be said aloud: `0` becomes one word of three syllables, the next
/// a quite different one, and no two numbers ever the same.
enum ClusterNaming {
  private static let consonants = Array("bdfghjkmnprstz".utf8)
  private static let vowels = Array("aeiou".utf8)
  private static let syllables: Int64 = 70
  /// Words of three syllables.
  private static let short = syllables * syllables * syllables
  /// Prime to `short`, so that multiplying by it visits every word once, and neighbours are far apart.
  private static let stride: Int64 = 104_729

  /// - Parameter number: 0 or more.
  static func name(for number: Int64) -> ClusterName {
    precondition(number >= 0, "a sequence of cluster names counts from 0")
    guard number >= short else { return word(number * stride % short, syllables: 3) }
    return word(number, syllables: 4)
  }

  private static func word(_ number: Int64, syllables least: Int) -> ClusterName {
    var rest = number
    var backwards: [UInt8] = []
    while rest > 0 || backwards.count < least * 2 {
      let syllable = Int(rest % syllables)
      backwards.append(vowels[syllable % vowels.count])
      backwards.append(consonants[syllable / vowels.count])
      rest /= syllables
    }
    return ClusterName(String(decoding: backwards.reversed(), as: UTF8.self))
  }
}
