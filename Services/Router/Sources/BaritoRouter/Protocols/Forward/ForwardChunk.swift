import BaritoCore
import Cryptography

/// What a chunk's id is good for.
enum ForwardChunk {
  /// The name of a chunk's batch: the same whenever its sender sends it again, so that it is stored once. Nil where it has
  /// no time that stays the same, or none that an index may have.
  ///
  /// - Parameters:
  ///   - id: as the sender wrote it, base64 of what it logs as hexadecimal digits in the case of fluentd.
  ///   - part: 0 for the first batch of a chunk; chunks of many lines have more.
  ///   - firstTime: of the chunk's first event.
  ///   - now: milliseconds since 1970.
  static func name(_ id: [UInt8], part: Int, firstTime: MessagePackTime?, now: Int64) -> BatchName? {
    guard let time = firstTime?.timestamp?.milliseconds, time >= 0,
      time - now <= Int64(SenderID.tolerance / .milliseconds(1)), !id.isEmpty
    else { return nil }
    // fluentd's base64 has a line feed at its end.
    let trimmed = id.last == 0x0A ? id.dropLast() : id[...]
    let digits: String
    if let bytes = Base64.decode(trimmed), bytes.count == 16 {
      digits = Hex.encode(bytes)
    } else {
      digits = SHA256Digest(of: id).hex
    }
    guard let batch = try? BatchID("forward:\(digits)" + (part > 0 ? ":\(part)" : "")) else { return nil }
    return BatchName(id: batch, time: time)
  }

  /// `{"ack": id}`.
  static func acknowledgement(of id: [UInt8]) -> [UInt8] {
    var writer = MessagePackWriter()
    writer.map(1)
    writer.string("ack")
    writer.string(utf8: id.span)
    return writer.bytes
  }
}
