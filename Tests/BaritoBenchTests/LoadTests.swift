import BaritoCore
import Compression
import Dispatch
import Glibc
import TestKit
import Testing

@testable import BaritoBench

@Suite(.timeLimit(.minutes(1))) struct LoadTests {
  @Test("lines are JSON objects of 200 bytes, the same ones each time")
  func lines() throws {
    let lines = LogLines.make(500, seed: 7)
    for line in lines {
      #expect(line.count == LogLines.lineBytes)
      #expect(!line.contains(UInt8(ascii: "\n")))
      #expect(try JSONScanner.validate(line.span).kind == .object)
    }
    #expect(Set(lines).count > 490)
    #expect(LogLines.make(500, seed: 7) == lines)
    #expect(LogLines.make(500, seed: 8) != lines)
    #expect(LogLines.make(3, seed: 7, bytes: 1024).allSatisfy { $0.count == 1024 })
  }

  @Test("every format holds the same lines")
  func formats() throws {
    let lines = LogLines.make(3, seed: 1)
    let text = ProduceRequests.body(.ndjson, lines)
    #expect(text.count == 3 * 201)
    let gzip = ProduceRequests.body(.gzip, lines)
    #expect(try Inflater().inflate(gzip, as: .gzip, limit: 1 << 20) == text)
    #expect(try JSONScanner.validate(ProduceRequests.body(.items, lines).span).kind == .object)
    let bulk = ProduceRequests.body(.bulk, lines).split(separator: UInt8(ascii: "\n"))
    #expect(bulk.enumerated().filter { !$0.offset.isMultiple(of: 2) }.map { Array($0.element) } == lines)
    #expect(Set(bulk.enumerated().filter { $0.offset.isMultiple(of: 2) }.map { Array($0.element) }).count == 1)
  }

  @Test("an OTLP record is as long as the line that it is made of")
  func otlp() throws {
    let body = OTLPRequest.body(LogLines.make(3, seed: 1))
    let scopes = try fields(2, of: try fields(1, of: [body]))
    #expect(try fields(2, of: scopes).map(\.count) == [200, 200, 200])
  }

  @Test("each syslog line has its length in front")
  func syslog() throws {
    let frames = SyslogLoad.frames(3, bytes: 200)
    #expect(frames.lines == 3)
    #expect(frames.bytes.count == 3 * 204)
    #expect(frames.bytes[204...].starts(with: "200 <14>1 ".utf8))
  }

  @Test("each record of a chunk is as long as a line")
  func forward() throws {
    let chunk = ForwardLoad.chunk(LogLines.make(3, seed: 1), tag: "secret.bench", number: 1)
    var reader = MessagePackReader(chunk.span)
    #expect(try reader.array(in: chunk.span) == 3)
    #expect(chunk[try reader.text(in: chunk.span)].elementsEqual("secret.bench".utf8))
    guard case .binary(let events) = try reader.next(in: chunk.span) else {
      Issue.record("the events are no binary")
      return
    }
    // Around each record an array of two and a time of ten bytes.
    #expect(events.count == 3 * (1 + 10 + 200))
  }

  @Test("an answer that tells of lines that were not taken is no success")
  func accepting() {
    let sender = ProduceRequests.Sender.app(secret: "s")
    let bulk = ProduceRequests(.bulk, count: 1, linesPerRequest: 1, sender: sender)
    #expect(bulk.accepts(Array(#"{"took":0,"errors":false,"items":[]}"#.utf8)))
    #expect(!bulk.accepts(Array(#"{"took":0,"errors":true,"items":[]}"#.utf8)))
    let otlp = ProduceRequests(.otlp, count: 1, linesPerRequest: 1, sender: sender)
    #expect(otlp.accepts([]))
    #expect(!otlp.accepts([0x0A, 0x02, 0x08, 0x01]))
  }

  @Test("each app has requests with its own secret")
  func apps() {
    let requests = ProduceRequests(
      .ndjson, count: 2, linesPerRequest: 1, sender: .apps(5) { "secret-\($0)" })
    #expect(requests.requests.count == 5)
    for (number, request) in requests.requests.enumerated() {
      #expect(String(decoding: request, as: UTF8.self).contains("X-App-Secret: secret-\(number)\r\n"))
    }
  }

  @Test(
    "a message is read in whatever pieces it comes",
    arguments: [
      ("HTTP/1.1 200 OK\r\nX: y\r\nconTent-length:  5\r\n\r\nhello", "hello"),
      (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\nA\r\n, you all.\r\n0\r\nX: y\r\n\r\n",
        "hello, you all."
      ),
    ], [1, 2, 7, 1000])
  func pieces(message: (text: String, body: String), size: Int) throws {
    let bytes = Array(message.text.utf8)
    var reader = MessageReader()
    for _ in 0..<2 {
      var body: [UInt8] = []
      var progress = MessageReader.Progress.more
      for start in stride(from: 0, to: bytes.count, by: size) {
        #expect(progress == .more)
        progress = try bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { piece in
          try reader.take(piece) { body += $0 }
        }
      }
      #expect(progress == .complete)
      #expect(reader.startLine == "HTTP/1.1 200 OK")
      #expect(body == Array(message.body.utf8))
      reader.reset()
    }
  }

  @Test("bytes that nobody asked for are no answer")
  func surplus() {
    var reader = MessageReader()
    #expect(throws: BenchError.self) {
      try Array("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab".utf8).withUnsafeBytes { try reader.take($0) }
    }
  }

  @Test("the load generator counts each answer once, from every connection")
  func load() throws {
    let port = try SinkThread.serve(try BulkSink(expecting: 1)) { _ in }
    let requests = ProduceRequests(.ndjson, count: 2, linesPerRequest: 10, sender: .app(secret: "s"))
    let generator = LoadGenerator(port: port, connections: 4, requests: requests)
    try generator.warmUp(within: .seconds(10))
    let result = try generator.run(until: .time(.milliseconds(200)))
    #expect(result.answered >= 4)
    #expect(result.seconds >= 0.2)
    #expect(result.latencies.allSatisfy { $0 > .zero })
  }

  @Test("at a fixed rate no more is sent than is due, and an answer's time counts from then")
  func rate() throws {
    let port = try SinkThread.serve(try BulkSink(expecting: 1)) { _ in }
    let requests = ProduceRequests(.ndjson, count: 2, linesPerRequest: 10, sender: .app(secret: "s"))
    var generator = LoadGenerator(port: port, connections: 4, requests: requests)
    try generator.warmUp(within: .seconds(10))
    generator.rate = 50
    let result = try generator.run(until: .time(.milliseconds(400)))
    #expect(result.answered == 20)
    generator.rate = 10_000_000
    // Far more than is possible: each answer is later than the one before.
    let late = try generator.run(until: .time(.milliseconds(100)))
    #expect(try #require(late.latencies.last) > .milliseconds(90))
  }

  @Test("a load generator waits for answers only while one is due")
  func patience() {
    let now = ContinuousClock.now
    func patience(_ isWaiting: Bool, due: Duration?, end: Duration) -> Duration {
      LoadGenerator.patience(isWaiting: isWaiting, due: due.map { now + $0 }, now: now, end: now + end)
    }
    #expect(patience(false, due: .milliseconds(20), end: .seconds(1)) == .milliseconds(20))
    // The clock went on since it was looked at: what was to come is due, or all is over.
    #expect(patience(false, due: .zero, end: .seconds(1)) == .zero)
    #expect(patience(false, due: .seconds(-1), end: .seconds(1)) == .zero)
    #expect(patience(false, due: .milliseconds(20), end: .seconds(-1)) == .zero)
    #expect(patience(false, due: nil, end: .seconds(1)) == .zero)
    #expect(patience(true, due: .milliseconds(20), end: .seconds(1)) == .milliseconds(20))
    #expect(patience(true, due: .seconds(-1), end: .seconds(1)) == LoadGenerator.longest)
    #expect(patience(true, due: .milliseconds(20), end: .seconds(-1)) == LoadGenerator.longest)
  }

  @Test("each request is sent once where that is the goal")
  func once() throws {
    let port = try SinkThread.serve(try BulkSink(expecting: 1)) { _ in }
    let requests = ProduceRequests(.ndjson, count: 7, linesPerRequest: 10, sender: .app(secret: "s"))
    let generator = LoadGenerator(port: port, connections: 3, requests: requests)
    #expect(try generator.run(until: .allAreSent).answered == 7)
  }

  @Test("an answer other than 200 ends the measurement with what was said")
  func refusal() throws {
    let (listener, port) = try Loopback.listen()
    defer { close(listener) }
    DispatchQueue(label: "refusing").async {
      let descriptor = accept(listener, nil, nil)
      let answer = Array("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nfull".utf8)
      _ = send(descriptor, answer, answer.count, CInt(MSG_NOSIGNAL))
    }
    let requests = ProduceRequests(.ndjson, count: 1, linesPerRequest: 1, sender: .app(secret: "s"))
    let generator = LoadGenerator(port: port, connections: 1, requests: requests)
    let error = #expect(throws: BenchError.self) { try generator.run(until: .time(.seconds(30))) }
    #expect(error?.description.contains("503 Busy") == true)
    #expect(error?.description.contains("full") == true)
  }

  /// The fields of a number in messages.
  private func fields(_ number: Int, of messages: [[UInt8]]) throws -> [[UInt8]] {
    var found: [[UInt8]] = []
    for message in messages {
      var reader = ProtobufReader(message.span)
      while let field = try reader.nextField(in: message.span) {
        if field.number == number {
          found.append(Array(message[try reader.lengthDelimited(in: message.span)]))
        } else {
          try reader.skip(field, in: message.span)
        }
      }
    }
    return found
  }
}
