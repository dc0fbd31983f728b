/// Names a group's cluster: lower-case letters and digits, unique, never used again.
public struct ClusterName: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
  public var rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public init(_ text: String) { rawValue = text }
  public var description: String { rawValue }
}

/// Numbers an app; given by Market, never used again.
public struct AppID: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
  public var rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }
  public init(_ number: Int64) { rawValue = number }
  public var description: String { "\(rawValue)" }
}

/// The SHA-256 of a secret: all that is ever kept of it. Hashable by its words, so that a lookup costs no allocation.
public struct SecretHash: Hashable, Sendable, Codable, CustomStringConvertible {
  private var words: (UInt64, UInt64, UInt64, UInt64)

  /// - Parameter bytes: the digest; nil unless it is 32 bytes.
  public init?(bytes: some Sequence<UInt8>) {
    // Shifted through all four: no memory is asked for.
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    var count = 0
    for byte in bytes {
      guard count < 32 else { return nil }
      words = (
        words.0 << 8 | words.1 >> 56, words.1 << 8 | words.2 >> 56, words.2 << 8 | words.3 >> 56,
        words.3 << 8 | UInt64(byte)
      )
      count += 1
    }
    guard count == 32 else { return nil }
    self.words = words
  }

  /// - Parameter hex: 64 lower-case or upper-case hexadecimal digits.
  public init?(hex: some StringProtocol) {
    guard hex.utf8.count == 64 else { return nil }
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in hex.utf8 {
      guard let value = SecretHash.value(ofDigit: digit) else { return nil }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    self.init(bytes: bytes)
  }

  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let hash = SecretHash(hex: text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a secret's hash is 64 hexadecimal digits"))
    }
    self = hash
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }

  /// The digest.
  public var bytes: [UInt8] {
    [words.0, words.1, words.2, words.3].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64($0))) }
    }
  }

  /// The first eight bytes of the digest, as random as all of it.
  public var firstWord: UInt64 { words.0 }

  public var hex: String {
    [words.0, words.1, words.2, words.3].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }.joined()
  }

  public var description: String { hex }

  public static func == (a: SecretHash, b: SecretHash) -> Bool { a.words == b.words }
  public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

  private static func value(ofDigit digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
