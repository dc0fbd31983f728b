/// The text of URLs: encoding what goes into one, hiding what must not come out.
public enum URLText {
  /// Encodes one segment of a path: everything but `A-Z a-z 0-9 - . _ ~`. The segments `.` and `..` are encoded too, so
  /// that no name can climb out of its place.
  public static func percentEncode(pathSegment: String) -> String {
    switch pathSegment {
    case ".": "%2E"
    case "..": "%2E%2E"
    default: percentEncode(pathSegment)
    }
  }

  /// Encodes a name or a value of a query.
  public static func percentEncode(_ text: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        bytes.append(byte)
      default:
        bytes.append(UInt8(ascii: "%"))
        bytes.append(hexDigits[Int(byte >> 4)])
        bytes.append(hexDigits[Int(byte & 15)])
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `?name=value&…`, encoded; empty where there are no items. Items whose value is nil are left out.
  public static func query(_ items: KeyValuePairs<String, String?>) -> String {
    var text = ""
    for (name, value) in items {
      guard let value else { continue }
      text += text.isEmpty ? "?" : "&"
      text += "\(percentEncode(name))=\(percentEncode(value))"
    }
    return text
  }

  /// The base without its trailing slashes, then each segment encoded after a `/`.
  public static func join(_ base: String, _ segments: String...) -> String {
    var text = base[...]
    while text.last == "/" { text.removeLast() }
    return segments.reduce(into: String(text)) { $0 += "/" + percentEncode(pathSegment: $1) }
  }

  /// The URL without credentials, query and fragment, for logs and errors.
  public static func redacted(_ url: String) -> String {
    var text = url.prefix { $0 != "?" && $0 != "#" }
    if let scheme = text.firstRange(of: "://") {
      let authority = text[scheme.upperBound...].prefix { $0 != "/" }
      if let at = authority.lastIndex(of: "@") {
        text = text[..<scheme.upperBound] + authority[authority.index(after: at)...] + text[authority.endIndex...]
      }
    }
    return String(text)
  }

  /// Whether this is something to send a request to: http or https, with a host, without blanks, control characters or
  /// anything that should have been encoded.
  public static func isHTTP(_ url: String) -> Bool {
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return false }
    let lower = url.lowercased()
    guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix) else { return false }
    let host = lower.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    return !host.isEmpty && !host.hasPrefix(":") && !host.hasSuffix("@")
  }

  static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = (0..<3).map { start + $0 < bytes.count ? UInt32(bytes[start + $0]) : 0 }
      let bits = group[0] << 16 | group[1] << 8 | group[2]
      let digits = min(bytes.count - start, 3) + 1
      for digit in 0..<4 {
        text.append(digit < digits ? alphabet[Int(bits >> UInt32(18 - 6 * digit) & 63)] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static let hexDigits = Array("0123456789ABCDEF".utf8)
}
