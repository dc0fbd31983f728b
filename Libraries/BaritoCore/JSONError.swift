/// Why bytes are not the JSON that was expected. Sending the same bytes again cannot help.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The bounded reason: a metric label, a switch.
  public enum Code: String, Sendable, CaseIterable {
    /// There is nothing, or only white space.
    case empty
    /// The text ends inside a value.
    case unexpectedEnd
    /// A byte that cannot stand here.
    case unexpectedByte
    /// A number that RFC 8259 does not allow: `01`, `1.`, `-`, `1e`.
    case badNumber
    /// A backslash with something that is no escape after it.
    case badEscape
    /// A control character inside a string that should have been escaped.
    case controlCharacter
    /// More nested arrays and objects than allowed.
    case tooDeep
    /// Something stands after the end of the value.
    case trailingBytes
    /// A byte order mark in front, or UTF-16 or UTF-32 instead of UTF-8.
    case byteOrderMark
  }

  public var code: Code
  /// Index of the byte at fault; the count of bytes where the text ended too early.
  public var offset: Int
  /// What would have been right there, in words: "expected ',' or '}'".
  public var reason: String

  public init(_ code: Code, at offset: Int, _ reason: String) {
    self.code = code
    self.offset = offset
    self.reason = reason
  }

  public var description: String { "invalid JSON at byte \(offset): \(reason)" }

  /// The error for whatever stands at `offset` where `expected` should be.
  static func expected(_ expected: String, in bytes: Span<UInt8>, at offset: Int, _ code: Code = .unexpectedByte)
    -> Self
  {
    guard offset < bytes.count else {
      return JSONError(.unexpectedEnd, at: offset, "expected \(expected), found the end")
    }
    let byte = bytes[offset]
    let found =
      byte > 0x20 && byte < 0x7F
      ? "'\(Unicode.Scalar(byte))'" : "byte 0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
    return JSONError(code, at: offset, "expected \(expected), found \(found)")
  }
}
