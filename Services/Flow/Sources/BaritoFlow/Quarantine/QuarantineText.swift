import BaritoCore

/// What the command prints: a block for people, an object a line for programs, or the lines alone.
struct QuarantineText {
  private let output: QuarantineSettings.Output

  init(_ output: QuarantineSettings.Output) { self.output = output }

  func group(_ group: QuarantineGroup) -> String {
    let entry = group.example
    guard output == .text else {
      var json = JSONWriter()
      json.object { json in
        json.member("fingerprint", group.fingerprint)
        json.member("count", group.count)
        json.member("first_seen", time(group.firstSeen))
        json.member("last_seen", time(group.lastSeen))
        json.member("app", entry.app)
        json.member("topic", entry.topic)
        json.member("type", entry.refusal.kind.rawValue)
        if let field = entry.refusal.field { json.member("field", field) }
        if let type = entry.refusal.expectedType { json.member("expected_type", type) }
        if let type = entry.refusal.actualType { json.member("actual_type", type) }
        json.member("explanation", entry.refusal.explanation)
        json.object("example") { json in
          json.member("partition", Int(entry.partition))
          json.member("offset", entry.offset)
          json.member("index", entry.index)
          json.member("id", entry.id)
          json.member("reason", entry.refusal.reason)
        }
      }
      return json.text + "\n"
    }
    return """
      \(group.fingerprint)  \(group.count) of \(entry.topic), \(time(group.firstSeen)) to \(time(group.lastSeen))
        \(entry.refusal.explanation)
        last: \(entry.place): \(plain(entry.refusal.reason))

      """
  }

  func entry(_ entry: QuarantineEntry) -> String {
    let raw = String(decoding: entry.raw, as: UTF8.self)
    switch output {
    case .raw: return raw + "\n"
    case .json: return String(decoding: entry.document, as: UTF8.self) + "\n"
    case .text:
      var text = "\(entry.place), \(time(entry.timestamp)), \(entry.index) \(plain(entry.id))\n"
      text += "  \(entry.refusal.explanation)\n  \(plain(entry.refusal.reason))\n"
      if entry.replays > 0 { text += "  refused again \(entry.replays) times\n" }
      if let bytes = entry.rawBytes { text += "  the first \(entry.raw.count) of \(bytes) bytes:\n" }
      return text + "  \(plain(raw))\n"
    }
  }

  func document(_ document: [UInt8], of entry: QuarantineEntry) -> String {
    let line = String(decoding: document, as: UTF8.self)
    return output == .text ? "\(entry.index) \(plain(entry.id)) \(plain(line))\n" : line + "\n"
  }

  func sum(_ tally: ReplayBatch.Tally, isDryRun: Bool) -> String {
    if isDryRun { return "would send \(tally.indexed); \(tally.unsendable) cannot be sent\n" }
    return "indexed \(tally.indexed), there already \(tally.duplicates), refused again \(tally.refused), "
      + "cannot be sent \(tally.unsendable), not taken for now \(tally.waiting)\n"
  }

  private func time(_ milliseconds: Int64) -> String {
    (Timestamp(milliseconds: milliseconds) ?? .earliest).description
  }

  /// Without what would move the cursor of a terminal.
  private func plain(_ text: String) -> String {
    String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
  }
}

extension QuarantineEntry {
  /// Where the record lies, as people write it.
  var place: String { "\(topic)/\(partition)/\(offset)" }
}
