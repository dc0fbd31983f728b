/// The name a sender gave to a batch, the same in each of its retries: 1 to 128 characters of `A-Z a-z 0-9 . _ : -`.
public struct BatchID: Sendable, Hashable, CustomStringConvertible {
  /// The longest name, in bytes.
  public static let maximumLength = 128

  /// The name's ASCII bytes.
  public let bytes: [UInt8]

  public init(_ name: Span<UInt8>) throws(BatchIDError) {
    guard !name.isEmpty else { throw BatchIDError(code: .empty, detail: Self.rule(butFound: "nothing")) }
    guard name.count <= Self.maximumLength else {
      throw BatchIDError(code: .tooLong, detail: Self.rule(butFound: "\(name.count) bytes"))
    }
    var copy: [UInt8] = []
    copy.append(copying: name)
    for (index, byte) in copy.enumerated() where !Self.isAllowed(byte) {
      let found = "byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16)) at position \(index)"
      throw BatchIDError(code: .badCharacter, detail: Self.rule(butFound: found))
    }
    bytes = copy
  }

  public init(_ name: String) throws(BatchIDError) { try self.init(name.utf8Span.span) }

  public var description: String { String(decoding: bytes, as: UTF8.self) }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"),
      UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private static func rule(butFound found: String) -> String {
    "a batch id must be 1 to \(maximumLength) characters of A-Z a-z 0-9 . _ : - but has \(found)"
  }
}

/// Why a name is no batch id. Sending it again cannot help.
public struct BatchIDError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Bounded: a metric label.
  public enum Code: String, Sendable, CaseIterable {
    case empty
    case tooLong
    case badCharacter
  }

  public var code: Code
  /// The rule and what broke it; holds nothing of the name but the number of one byte.
  public var detail: String

  public var description: String { detail }
}
