import BaritoCore

/// The entry as the document that the quarantine keeps. Bytes that are UTF-8 are the text `raw`; others are `raw_base64`,
/// because JSON has no way to say them. So are those of a line that no request gets through with: what does not let it
/// pass would not let it pass as an entry either.
extension QuarantineEntry {
  /// What is searched for. All else is kept and not indexed, so that anything can be an entry. The bytes are not even
  /// named: a server passes over them, where it would copy a long text of any type several times.
  static let mapping = Array(
    """
    {"@timestamp":{"type":"date"},"reason":{"type":"text"},"type":{"type":"keyword"},"server_type":{"type":"keyword"},\
    "fingerprint":{"type":"keyword"},"app":{"type":"keyword"},"topic":{"type":"keyword"},\
    "partition":{"type":"integer"},"offset":{"type":"long"},"index":{"type":"keyword"},"id":{"type":"keyword"},\
    "field":{"type":"keyword"},"expected_type":{"type":"keyword"},"actual_type":{"type":"keyword"},\
    "replays":{"type":"integer"}}
    """.utf8)

  var document: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("@timestamp", (Timestamp(milliseconds: timestamp) ?? .earliest).description)
      json.member("type", refusal.kind.rawValue)
      json.member("reason", refusal.reason)
      json.member("fingerprint", fingerprint)
      if !refusal.serverType.isEmpty { json.member("server_type", refusal.serverType) }
      if let field = refusal.field { json.member("field", field) }
      if let type = refusal.expectedType { json.member("expected_type", type) }
      if let type = refusal.actualType { json.member("actual_type", type) }
      json.member("app", app)
      json.member("topic", topic)
      json.member("partition", Int(partition))
      json.member("offset", offset)
      json.member("index", index)
      json.member("id", id)
      if !headers.isEmpty {
        json.object("headers") { json in for header in headers { json.member(header.name, header.value) } }
      }
      if replays > 0 { json.member("replays", replays) }
      if let rawBytes { json.member("raw_bytes", rawBytes) }
      if refusal.kind != .requestRefused, UTF8Repair.isValid(raw.span) {
        json.key("raw")
        json.value(utf8: raw.span)
      } else {
        json.member("raw_base64", Base64.encode(raw))
      }
    }
    return json.bytes
  }

  /// - Parameter source: an entry's document within `bytes`; nil where it is none.
  init?(_ source: JSONElement, in bytes: Span<UInt8>) {
    guard source.kind == .object else { return nil }
    var texts: [String: String] = [:]
    var numbers: [String: Int64] = [:]
    var headers: [Header] = []
    var raw: [UInt8]?
    do throws(JSONError) {
      var members = JSONMembers(of: source.range)
      while let member = try members.next(in: bytes) {
        let name = member.key.decoded(in: bytes)
        switch (name, member.value.kind) {
        case ("raw", .string):
          var text: [UInt8] = []
          JSONStringText(member.value, in: bytes)?.appendDecoded(in: bytes, to: &text)
          raw = text
        case ("raw_base64", .string): raw = member.value.string(in: bytes).flatMap { Base64.decode(Array($0.utf8)) }
        case ("headers", .object):
          var given = JSONMembers(of: member.value.range)
          while let header = try given.next(in: bytes) {
            headers.append(
              Header(name: header.key.decoded(in: bytes), value: header.value.string(in: bytes) ?? ""))
          }
        case (_, .string): texts[name] = member.value.string(in: bytes)
        case (_, .number): numbers[name] = member.value.integer(in: bytes)
        default: break
        }
      }
    } catch {
      return nil
    }
    guard let topic = texts["topic"], let index = texts["index"], let id = texts["id"] else { return nil }
    // Entries of earlier versions hold the server's word for the kind.
    var refusal = Refusal(serverType: texts["server_type"] ?? texts["type"] ?? "", reason: texts["reason"] ?? "")
    if let kind = texts["type"].flatMap({ RefusalKind(rawValue: $0) }) {
      refusal = Refusal(kind, texts["reason"] ?? "", field: texts["field"])
      refusal.serverType = texts["server_type"] ?? ""
      (refusal.expectedType, refusal.actualType) = (texts["expected_type"], texts["actual_type"])
    }
    self.init(
      refusal: refusal, topic: topic, app: texts["app"] ?? topic, partition: Int32(clamping: numbers["partition"] ?? 0),
      offset: numbers["offset"] ?? 0,
      timestamp: texts["@timestamp"].flatMap { Timestamp($0)?.milliseconds } ?? 0, index: index, id: id,
      headers: headers, raw: raw ?? [], rawBytes: numbers["raw_bytes"].map { Int($0) },
      replays: Int(numbers["replays"] ?? 0))
  }

  /// The kind that an entry's document says, read from its beginning.
  static func kind(of document: Span<UInt8>) -> RefusalKind {
    let type = try? JSONMembers.value(of: "type", inObjectAt: 0..<document.count, of: document)
    return type?.string(in: document).flatMap { RefusalKind(rawValue: $0) } ?? .other
  }

  /// The same entry with only the beginning of its bytes, for a server that finds the whole too large.
  var shortened: QuarantineEntry {
    guard raw.count > QuarantineEntry.shortenedBytes else { return self }
    var entry = self
    entry.rawBytes = rawBytes ?? raw.count
    var end = QuarantineEntry.shortenedBytes
    // Not in the middle of a character.
    while end > 0, raw[end] & 0xC0 == 0x80, QuarantineEntry.shortenedBytes - end < 3 { end -= 1 }
    entry.raw = Array(raw[..<end])
    return entry
  }
}
