import BaritoCore

/// A document that Elasticsearch refuses for good, or a record that can be no document: with the reason, where it came
/// from, and its bytes, so that it can be repaired and sent again into its own index under its own id.
struct QuarantineEntry: Sendable, Equatable {
  static let indexPrefix = "barito-quarantine-"
  /// Of the raw bytes that are kept where even the quarantine finds the whole too large.
  static let shortenedBytes = 64 << 10

  var refusal: Refusal
  var topic: String
  /// The topic without prefix and suffix.
  var app: String
  var partition: Int32
  var offset: Int64
  /// The record's or its batch's, in milliseconds since 1970.
  var timestamp: Int64
  /// Where the document belongs.
  var index: String
  var id: String
  /// Headers of the record that say who it is, and what its value is.
  var headers: [Header] = []
  /// The document, or the record's value where it can be none.
  var raw: [UInt8]
  /// How many bytes `raw` would have, where only their beginning is kept.
  var rawBytes: Int?
  /// How often it was sent again and refused again.
  var replays = 0

  struct Header: Sendable, Equatable {
    var name: String
    var value: String
  }

  /// What entries of the same cause have in common, as one word: a hash of app, kind, field and both types. Where the
  /// server named no field it is the reason without the values in it.
  var fingerprint: String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func mix(_ text: String?) {
      for byte in (text ?? "").utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      hash = (hash ^ 0xFF) &* 0x100_0000_01B3
    }
    mix(topic)
    mix(refusal.kind.rawValue)
    mix(refusal.field)
    mix(refusal.expectedType)
    mix(refusal.actualType)
    if refusal.kind == .other || refusal.kind == .requestRefused {
      mix(refusal.serverType)
      mix(QuarantineEntry.withoutValues(refusal.reason))
    }
    let digits = String(hash >> 16, radix: 16)
    return String(repeating: "0", count: 12 - digits.count) + digits
  }

  /// A reason without what differs from line to line: quoted texts and numbers.
  private static func withoutValues(_ reason: String) -> String {
    var text: [UInt8] = []
    var closing: UInt8?
    for byte in reason.utf8 {
      if let end = closing {
        if byte == end { closing = nil }
        continue
      }
      switch byte {
      case UInt8(ascii: "'"): closing = byte
      case UInt8(ascii: "0")...UInt8(ascii: "9"): if text.last != UInt8(ascii: "#") { text.append(UInt8(ascii: "#")) }
      default: text.append(byte)
      }
      if text.count >= 160 { break }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
