import BaritoCore
import Compression
import Testing

@testable import BaritoRouter

/// What the events of the forward protocol become, without a socket.
@Suite struct ForwardReaderTests {
  private func documents(
    _ message: [UInt8], limits: BodyReader.Limits = .test, tag: Range<Int>? = nil
  ) throws -> (lines: [[String]], leftOut: Int, stamped: Int) {
    var reader = MessagePackReader(message.span)
    let kind = try ForwardMessage(&reader, in: message.span, expectsPing: false)
    guard case .events(let events) = kind else { throw Unexpected(kind: kind) }
    #expect(reader.isAtEnd)
    let received = try #require(Timestamp("2026-11-22T10:00:00.000Z"))
    var lines = ForwardReader(limits, Inflater(), receivedAt: received, capacity: message.count)
    try lines.read(events, tag: tag ?? events.tag, in: message.span)
    return (
      lines.batches.map { batch in batch.documents.map { String(decoding: batch.bytes[$0], as: UTF8.self) } },
      lines.leftOut, lines.batches.reduce(0) { $0 + $1.stamped }
    )
  }

  private struct Unexpected: Error { var kind: ForwardMessage }

  private let a = #"{"message":"a","@timestamp":"2023-11-14T22:13:20.000Z","tag":"t.x"}"#
  private let b = #"{"message":"b","@timestamp":"2023-11-14T22:13:20.000Z","tag":"t.x"}"#

  @Test("all four modes give the same documents")
  func modes() throws {
    #expect(try documents(ForwardWire.message("t.x", "a")).lines == [[a]])
    #expect(try documents(ForwardWire.forward("t.x", ["a", "b"])).lines == [[a, b]])
    #expect(try documents(ForwardWire.packed("t.x", ["a", "b"])).lines == [[a, b]])
    #expect(try documents(ForwardWire.compressed("t.x", [["a", "b"]])).lines == [[a, b]])
    #expect(try documents(ForwardWire.compressed("t.x", [["a"], ["b"]])).lines == [[a, b]])
    let text = ForwardWire.array([ForwardWire.text("t.x"), ForwardWire.text("") + []])
    #expect(try documents(text).lines.isEmpty)
  }

  @Test("nanoseconds of the event's time are kept, and a record's own members are not overwritten")
  func members() throws {
    func one(_ record: [UInt8], _ time: [UInt8]) throws -> String? {
      try documents(ForwardWire.array([ForwardWire.text("t"), time, record])).lines.first?.first
    }
    #expect(
      try one(ForwardWire.map([]), ForwardWire.time(1_700_000_000, 123_456_789))
        == #"{"@timestamp":"2023-11-14T22:13:20.123456789Z","tag":"t"}"#)
    let own = ForwardWire.map([("tag", ForwardWire.text("mine")), ("@timestamp", ForwardWire.text("then"))])
    #expect(try one(own, ForwardWire.time(1)) == #"{"tag":"mine","@timestamp":"then"}"#)
    // Seconds as a number, as old senders have it; 0 is no time.
    #expect(try one(ForwardWire.map([]), [0xCE, 0x65, 0x53, 0xF1, 0x00])?.contains("2023-11-14T22:13:20.000Z") == true)
    #expect(try one(ForwardWire.map([]), [0x00])?.contains("2026-11-22T10:00:00.000Z") == true)
    // A time with metadata, as Fluent Bit has it.
    let withMetadata = ForwardWire.array([ForwardWire.time(1_700_000_000), ForwardWire.map([("k", [0x01])])])
    let events = ForwardWire.array([ForwardWire.array([withMetadata, ForwardWire.map([])])])
    #expect(
      try documents(ForwardWire.array([ForwardWire.text("t"), events])).lines
        == [[#"{"@timestamp":"2023-11-14T22:13:20.000Z","tag":"t"}"#]])
  }

  @Test("a record that is no map becomes a message, and one that is nil becomes nothing")
  func wrapped() throws {
    func one(_ record: [UInt8]) throws -> [[String]] {
      try documents(ForwardWire.array([ForwardWire.text(""), ForwardWire.time(1_700_000_000), record])).lines
    }
    let end = #","@timestamp":"2023-11-14T22:13:20.000Z"}"#
    #expect(try one(ForwardWire.text("hi\"")) == [[#"{"message":"hi\"""# + end]])
    #expect(try one(ForwardWire.array([[0x01], [0xC3]])) == [[#"{"message":"[1,true]""# + end]])
    #expect(try one([0xC0]).isEmpty)
  }

  @Test("more lines than a batch may have become several batches, and one that is too large is left out")
  func bounds() throws {
    let limits = BodyReader.Limits(bodyBytes: 1 << 20, inflatedBytes: 2000, documentBytes: 120, items: 2)
    let five = try documents(ForwardWire.packed("t", ["a", "b", "c", "d", "e"]), limits: limits)
    #expect(five.lines.map(\.count) == [2, 2, 1])
    let large = try documents(ForwardWire.packed("t", ["a", String(repeating: "x", count: 200), "b"]), limits: limits)
    #expect(large.lines.map(\.count) == [2] && large.leftOut == 1)
    let bomb = ForwardWire.compressed("t", [[String(repeating: "x", count: 5000)]])
    #expect { _ = try documents(bomb, limits: limits) } throws: { ($0 as? Refusal)?.code == .bodyTooLarge }
  }

  @Test(
    "what is not the protocol is refused",
    arguments: [
      // A text, an array of one, too many elements, a tag that is a number, options that are a number.
      ForwardWire.text("hello"), ForwardWire.array([ForwardWire.text("t")]),
      ForwardWire.array([ForwardWire.text("t"), [1], [2], [3], [4]]), ForwardWire.array([[1], [2], [3]]),
      ForwardWire.array([ForwardWire.text("t"), ForwardWire.binary([]), [1]]),
    ])
  func malformed(message: [UInt8]) {
    #expect(throws: MessagePackError.self) {
      var reader = MessagePackReader(message.span)
      _ = try ForwardMessage(&reader, in: message.span, expectsPing: false)
    }
  }

  @Test(
    "events that are not whole, or no pairs, are refused",
    arguments: [
      ForwardWire.binary(Array(ForwardWire.event("a").dropLast())), ForwardWire.binary([0x01]),
      ForwardWire.binary(ForwardWire.array([ForwardWire.time(1)])), ForwardWire.array([[0x01]]),
      ForwardWire.array([ForwardWire.array([ForwardWire.text("no time"), ForwardWire.record("a")])]),
    ])
  func malformedEvents(content: [UInt8]) {
    #expect { _ = try documents(ForwardWire.array([ForwardWire.text("t"), content])) } throws: {
      ($0 as? Refusal)?.code == .malformed
    }
  }

  @Test("a chunk's batch has the same name in each try, and none without a time that an index may have")
  func names() throws {
    // As fluentd writes it: 16 bytes in base64, and a line feed.
    let id = Array("AAECAwQFBgcICQoLDA0ODw==\n".utf8)
    let time = MessagePackTime(seconds: 1_700_000_000, nanoseconds: 5)
    let now: Int64 = 1_700_000_100_000
    let first = try #require(ForwardChunk.name(id, part: 0, firstTime: time, now: now))
    #expect(first.id.description == "forward:000102030405060708090a0b0c0d0e0f" && first.time == 1_700_000_000_000)
    #expect(ForwardChunk.name(id, part: 1, firstTime: time, now: now)?.id.description == first.id.description + ":1")
    let other = try #require(ForwardChunk.name(Array("any text".utf8), part: 0, firstTime: time, now: now))
    #expect(other.id != first.id)
    #expect(ForwardChunk.name(id, part: 0, firstTime: nil, now: now) == nil)
    #expect(ForwardChunk.name(id, part: 0, firstTime: time, now: now - 2 * 86_400_000) == nil)
    let before = MessagePackTime(seconds: -1, nanoseconds: 0)
    #expect(ForwardChunk.name(id, part: 0, firstTime: before, now: now) == nil)
  }
}
