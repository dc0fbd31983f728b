import BaritoCore

/// A document that Elasticsearch refuses for good, or a record that can be no document: with the reason, where it came
/// from, and its bytes, so that it can be repaired and sent again.
struct QuarantineEntry: Sendable, Equatable {
  static let indexPrefix = "barito-quarantine-"
  /// Of the raw bytes that are kept where even the quarantine finds the whole too large.
  static let shortenedBytes = 64 << 10

  /// In a sentence.
  var reason: String
  /// As Elasticsearch calls it, or ours in the same manner.
  var type: String
  var topic: String
  var partition: Int32
  var offset: Int64
  /// The record's, in milliseconds since 1970.
  var timestamp: Int64
  var index: String
  var id: String

  /// What entries of the same cause have in common: the type, and the reason without the values in it.
  var fingerprint: String {
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
    return "\(type): \(String(decoding: text, as: UTF8.self))"
  }

  /// The entry as the document that the quarantine keeps.
  /// - Parameter raw: the record's value.
  func document(raw: Span<UInt8>, isShortened: Bool) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("@timestamp", (Timestamp(milliseconds: timestamp) ?? .earliest).description)
      json.member("reason", reason)
      json.member("type", type)
      json.member("fingerprint", fingerprint)
      json.member("topic", topic)
      json.member("partition", Int(partition))
      json.member("offset", offset)
      json.member("index", index)
      json.member("id", id)
      if isShortened { json.member("raw_bytes", raw.count) }
      json.key("raw")
      json.value(utf8: isShortened ? raw.extracting(first: min(raw.count, QuarantineEntry.shortenedBytes)) : raw)
    }
    return json.bytes
  }
}
