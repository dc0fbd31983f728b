import BaritoCore

/// Lines that are not sent to Elasticsearch because they would break the request or harm the server itself, found by
/// trying them on real ones:
///
/// - Elasticsearch 7 ends with a stack overflow over a few thousand arrays or objects inside each other.
/// - Two keys that differ only in halves of surrogate pairs, or in bytes that are no UTF-8, become one name in Lucene:
///   the shard fails at its next refresh and cannot be recovered, with every document in it.
/// - They read past comments and keep them: every answer to a search that holds such a document is no JSON any more.
/// - A line of a hundred thousand fields keeps a shard busy for half a minute, or never gets its mapping.
///
/// Lines of ordinary length without non-ASCII bytes and surrogates cost one quick look.
enum DocumentHazard {
  /// Deeper than any line that means it, and far from what any server fails over.
  static let maximumDepth = 500
  static let maximumFields = 10_000
  /// The shortest member: `"":0,`.
  private static let memberBytes = 5

  /// Why a line that looks like an object must not be sent; nil when it may be.
  static func find(in line: Span<UInt8>) -> Refusal? {
    let survey = LineSurvey(line)
    if survey.hasLineFeed {
      return Refusal(.notOneLine, "The record's value is not a JSON object on one line.")
    }
    if !survey.isASCII, !UTF8Repair.isValid(line) { return Refusal(.notJSON, "The record's value is not UTF-8.") }
    let mayBeDeep = line.count > 2 * maximumDepth && LineSurvey.openings(in: line) > maximumDepth
    let mayHaveManyFields = line.count > maximumFields * memberBytes
    let hasSurrogate = survey.hasUnicodeEscape && LineSurvey.hasSurrogateEscape(in: line)
    let mayHaveComment = survey.hasCommentMark && mayHaveComment(line)
    guard mayBeDeep || mayHaveManyFields || hasSurrogate || mayHaveComment else { return nil }
    return parsed(line)
  }

  /// Whether `//` or `/*` stands anywhere but behind a word and a colon, as in a URL, where no comment can begin.
  private static func mayHaveComment(_ line: Span<UInt8>) -> Bool {
    var index = line.firstPlace(of: UInt8(ascii: "/"), from: 1)
    while index < line.count - 1 {
      let next = line[index + 1]
      if next == UInt8(ascii: "/") || next == UInt8(ascii: "*") {
        let isURL = index > 1 && line[index - 1] == UInt8(ascii: ":") && isLetter(line[index - 2])
        if !isURL { return true }
      }
      index = line.firstPlace(of: UInt8(ascii: "/"), from: index + 1)
    }
    return false
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  /// The same by parsing. What cannot be parsed here is not sent.
  private static func parsed(_ line: Span<UInt8>) -> Refusal? {
    do throws(JSONError) {
      var keys = KeyWalk(maximumDepth: maximumDepth)
      while let key = try keys.next(in: line) {
        if keys.count > maximumFields {
          return Refusal(.tooManyFields, "The line has more than \(maximumFields) fields.")
        }
        if key.hasEscapes, hasHalfSurrogate(key, in: line) {
          return Refusal(
            .badFieldName, "A key of the line holds half of a surrogate pair, which is no text.",
            field: key.decoded(in: line))
        }
      }
      return nil
    } catch {
      switch error.code {
      case .tooDeep:
        return Refusal(.tooDeep, "The line has more than \(maximumDepth) objects and arrays inside each other.")
      default: return Refusal(.notJSON, "The record's value is not JSON: \(error.reason), at byte \(error.offset).")
      }
    }
  }

  /// Whether an escaped half of a surrogate pair stands without its other half.
  private static func hasHalfSurrogate(_ key: JSONStringText, in line: Span<UInt8>) -> Bool {
    var isHighBefore = false
    var index = key.range.lowerBound
    while index < key.range.upperBound {
      var unit: UInt32?
      var length = 1
      if line[index] == UInt8(ascii: "\\") {
        length = 2
        if line[index + 1] == UInt8(ascii: "u") {
          length = 6
          unit = (index + 2..<index + 6).reduce(0) { $0 << 4 | (hexDigit(line[$1])) }
        }
      }
      let isLow = unit.map { $0 & 0xFC00 == 0xDC00 } ?? false
      if isHighBefore != isLow { return true }
      isHighBefore = unit.map { $0 & 0xFC00 == 0xD800 } ?? false
      index += length
    }
    return isHighBefore
  }

  private static func hexDigit(_ byte: UInt8) -> UInt32 {
    byte < UInt8(ascii: "A") ? UInt32(byte & 0x0F) : UInt32(byte & 0x0F) + 9
  }
}
