/// The words of a refusal, to be searched byte by byte: they may quote anything that a line holds.
struct RefusalText: Sendable {
  private let bytes: [UInt8]

  /// Of a longer text only the beginning and the end are looked at, which hold the server's own words.
  private static let longest = 4_096

  init(_ text: String) {
    let all = Array(text.utf8)
    bytes =
      all.count <= 2 * Self.longest ? all : Array(all.prefix(Self.longest) + all.suffix(Self.longest))
  }

  func hasAny(_ phrases: [String]) -> Bool { phrases.contains { place(of: $0, from: 0) != nil } }

  /// What stands between the first `opening` and the first `closing` behind it.
  func between(_ opening: String, _ closing: String) -> String? {
    guard let start = place(of: opening, from: 0) else { return nil }
    let from = start + opening.utf8.count
    guard let end = place(of: closing, from: from), end > from else { return nil }
    return String(decoding: bytes[from..<end], as: UTF8.self)
  }

  private func place(of phrase: String, from start: Int) -> Int? {
    let wanted = Array(phrase.utf8)
    guard let first = wanted.first, start + wanted.count <= bytes.count else { return nil }
    return (start...(bytes.count - wanted.count)).first {
      bytes[$0] == first && bytes[$0..<($0 + wanted.count)].elementsEqual(wanted)
    }
  }
}
