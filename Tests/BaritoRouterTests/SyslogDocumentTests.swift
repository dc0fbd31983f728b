import BaritoCore
import BaritoService
import FoundationEssentials
import Testing

@testable import BaritoRouter

private let now = "2026-11-22T10:00:00.000Z"

/// The document of a message, and what was made of it.
private func document(
  _ text: [UInt8], isCut: Bool = false, limit: Int = 100_000, at time: String = now
) -> (text: String, outcome: SyslogDocument.Outcome, message: SyslogMessage) {
  var writer = DocumentBatchWriter(
    receivedAt: Timestamp(time) ?? .earliest, limits: .init(documentBytes: limit, items: 500), capacity: 0)
  let message = SyslogMessage(text.span)
  let outcome = SyslogDocument.append(message, of: text.span, isCut: isCut, to: &writer)
  return (String(decoding: writer.batch.bytes, as: UTF8.self), outcome, message)
}

private func document(_ text: String, at time: String = now) -> String {
  document(Array(text.utf8), at: time).text
}

/// Lines of the loghub collection.
private func loghub(_ name: String) -> [String] {
  let path =
    ProcessInfo.processInfo.environment["BARITO_TEST_DATA"].map { URL(filePath: $0) }
    ?? URL(filePath: #filePath).appending(path: "../../../../shared/data").standardized
  guard let data = try? Data(contentsOf: path.appending(path: "loghub/\(name)_2k.log")) else { return [] }
  return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).map { String($0) }
}

@Suite struct SyslogDocumentTests {
  @Test(
    "the examples of RFC 5424 become their documents",
    arguments: [
      (
        "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \u{FEFF}'su root' failed for lonvick on /dev/pts/8",
        #"{"@timestamp":"2003-10-11T22:14:15.003Z","level":"critical","severity":2,"facility":"auth","host":"mymachine.example.com","program":"su","msgid":"ID47","message":"'su root' failed for lonvick on /dev/pts/8"}"#
      ),
      (
        "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
        #"{"@timestamp":"2003-08-24T05:14:15.000003-07:00","level":"notice","severity":5,"facility":"local4","host":"192.0.2.1","program":"myproc","pid":"8710","message":"%% It's time to make the do-nuts."}"#
      ),
      (
        "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut=\"3\" "
          + "eventSource=\"Application\" eventID=\"1011\"] \u{FEFF}An application event log entry...",
        #"{"@timestamp":"2003-10-11T22:14:15.003Z","level":"notice","severity":5,"facility":"local4","host":"mymachine.example.com","program":"evntslog","msgid":"ID47","sd":{"exampleSDID@32473":{"iut":"3","eventSource":"Application","eventID":"1011"}},"message":"An application event log entry..."}"#
      ),
      (
        "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut=\"3\"]"
          + "[examplePriority@32473 class=\"high\"]",
        #"{"@timestamp":"2003-10-11T22:14:15.003Z","level":"notice","severity":5,"facility":"local4","host":"mymachine.example.com","program":"evntslog","msgid":"ID47","sd":{"exampleSDID@32473":{"iut":"3"},"examplePriority@32473":{"class":"high"}},"message":""}"#
      ),
    ])
  func rfc5424(text: String, expected: String) { #expect(document(text) == expected) }

  @Test(
    "RFC 5424 is read as senders write it",
    arguments: [
      // Escapes, names that stand twice, elements that stand twice, a space before the bracket.
      (
        #"<0>1 - - - - - [a x="\"\\\]\n" y="1" x="2"][b ][a z="]"] t"#,
        #""level":"critical","severity":0,"facility":"kern","sd":{"a":{"x":["\"\\]\\n","2"],"y":"1","z":"]"},"b":{}},"message":"t"}"#
      ),
      // Structured data that cannot be read is text.
      (
        #"<14>1 - h p 1 - [a x="1] t"#,
        #""level":"info","severity":6,"facility":"user","host":"h","program":"p","pid":"1","message":"[a x=\"1] t"}"#
      ),
      (
        #"<14>1 - h - - - [not data] t"#,
        #""level":"info","severity":6,"facility":"user","host":"h","message":"[not data] t"}"#
      ),
      // A time that is none is kept.
      (
        "<14>1 yesterday h - - - - t",
        #""level":"info","severity":6,"facility":"user","timestamp":"yesterday","host":"h","message":"t"}"#
      ),
      ("<14>1 - - - - - -", #""level":"info","severity":6,"facility":"user","message":""}"#),
      ("<191>1 - - - - - - {\"a\":1}", #""level":"debug","severity":7,"facility":"local7","message":"{\"a\":1}"}"#),
    ])
  func lenient(text: String, expected: String) {
    #expect(document(text) == #"{"@timestamp":"\#(now)","# + expected)
  }

  @Test(
    "RFC 3164 is read as senders write it",
    arguments: [
      (
        "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
        #"{"@timestamp":"2026-10-11T22:14:15.000Z","level":"critical","severity":2,"facility":"auth","host":"mymachine","program":"su","message":"'su root' failed for lonvick on /dev/pts/8"}"#
      ),
      (
        "<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!",
        #"{"@timestamp":"2027-02-05T17:32:18.000Z","level":"notice","severity":5,"facility":"user","host":"10.0.0.99","message":"Use the BFG!"}"#
      ),
      (
        "<165>Aug 24 05:34:00 CST 1987 mymachine myproc[10]: %% It's time",
        #"{"@timestamp":"2026-08-24T05:34:00.000Z","level":"notice","severity":5,"facility":"local4","host":"CST","message":"1987 mymachine myproc[10]: %% It's time"}"#
      ),
      (
        "<0>1990 Oct 22 10:52:01 TZ-6 scapegoat sched[0]: That's All Folks!",
        #"{"@timestamp":"2026-11-22T10:00:00.000Z","level":"critical","severity":0,"facility":"kern","message":"1990 Oct 22 10:52:01 TZ-6 scapegoat sched[0]: That's All Folks!"}"#
      ),
      // rsyslog's forwarding format; a program without a host; no program; Cisco; a fraction.
      (
        "<86>2026-11-22T09:00:00.123456+01:00 web1 sshd[42]: hello",
        #"{"@timestamp":"2026-11-22T09:00:00.123456+01:00","level":"info","severity":6,"facility":"authpriv","host":"web1","program":"sshd","pid":"42","message":"hello"}"#
      ),
      (
        "<78>Nov 22 09:00:00 CRON[7]: (root) CMD (x)",
        #"{"@timestamp":"2026-11-22T09:00:00.000Z","level":"info","severity":6,"facility":"cron","program":"CRON","pid":"7","message":"(root) CMD (x)"}"#
      ),
      (
        "<6>Nov 22 09:00:00 web1 kernel: [ 1.5] up",
        #"{"@timestamp":"2026-11-22T09:00:00.000Z","level":"info","severity":6,"facility":"kern","host":"web1","program":"kernel","message":"[ 1.5] up"}"#
      ),
      (
        "<190>Nov 22 2026 09:00:00.5: %ASA-6-302013: Built",
        #"{"@timestamp":"2026-11-22T09:00:00.500Z","level":"info","severity":6,"facility":"local7","program":"%ASA-6-302013","message":"Built"}"#
      ),
      (
        "<13>Nov 22 09:00:00 h http://example.com/ seen",
        #"{"@timestamp":"2026-11-22T09:00:00.000Z","level":"notice","severity":5,"facility":"user","host":"h","message":"http://example.com/ seen"}"#
      ),
      (
        "<13>no header",
        #"{"@timestamp":"2026-11-22T10:00:00.000Z","level":"notice","severity":5,"facility":"user","message":"no header"}"#
      ),
      (
        "<13>",
        #"{"@timestamp":"2026-11-22T10:00:00.000Z","level":"notice","severity":5,"facility":"user","message":""}"#
      ),
      // A day that no year has.
      (
        "<13>Feb 30 09:00:00 h p: x",
        #"{"@timestamp":"2026-11-22T10:00:00.000Z","level":"notice","severity":5,"facility":"user","host":"h","program":"p","message":"x"}"#
      ),
    ])
  func rfc3164(text: String, expected: String) { #expect(document(text) == expected) }

  @Test(
    "a date without a year is the one nearest to now",
    arguments: [
      ("Dec 31 23:59:59", "2027-01-01T00:00:05Z", "2026-12-31T23:59:59.000Z"),
      ("Jan  1 00:00:05", "2026-12-31T23:59:59Z", "2027-01-01T00:00:05.000Z"),
      ("May 20 00:00:00", "2026-11-22T00:00:00Z", "2027-05-20T00:00:00.000Z"),
      ("May 24 00:00:00", "2026-11-22T00:00:00Z", "2026-05-24T00:00:00.000Z"),
      ("Feb 29 12:00:00", "2027-03-01T00:00:00Z", "2028-02-29T12:00:00.000Z"),
    ])
  func years(date: String, now: String, expected: String) {
    #expect(document("<13>\(date) h p: x", at: now).contains(#""@timestamp":"\#(expected)""#))
  }

  @Test("a date that is in none of the years near is the time it came, and is said", arguments: ["Feb 29 12:00:00"])
  func noDay(date: String) {
    #expect(
      document("<13>\(date) h p: x", at: "2026-01-01T00:00:00Z").contains(#""@timestamp":"2026-01-01T00:00:00.000Z""#))
  }

  @Test(
    "what is neither is kept whole",
    arguments: [
      "", "plain", "<192>x", "<>x", "<1234>x", "<1", "<a>x", "Nov 22 09:00:00 h p: x", "  indented\tline",
      "[a b=\"c\"] x",
    ])
  func text(text: String) throws {
    struct Document: Decodable { var message: String }
    let made = document(text)
    #expect(try JSONDecoder().decode(Document.self, from: Data(made.utf8)).message == text)
    #expect(!made.contains("level"))
  }

  @Test("bytes that are not UTF-8 are mended and counted; control characters are escaped")
  func mended() {
    let made = document([UInt8]("<13>Nov 22 09:00:00 h p: a".utf8) + [0xFF, 0x1B, 0x09])
    #expect(made.text.hasSuffix(#""message":"a\#u{FFFD}\u001b\t"}"#))
  }

  // MARK: The secret

  @Test(
    "the secret is found, and nothing of its element is kept",
    arguments: [
      #"<14>1 2026-11-22T09:00:00Z h p 1 m [barito@32473 secret="the\"secret"] t"#,
      #"<14>1 2026-11-22T09:00:00Z h p 1 m [barito@32473 x="y" secret="the\"secret"][a b="c"] t"#,
      #"<14>1 2026-11-22T09:00:00Z h p 1 m [a b="c"][barito@32473 secret="the\"secret"] [barito@32473 secret="other"] t"#,
      #"<14>1 2026-11-22T09:00:00Z h p 1 m - [barito@32473 secret="the\"secret"] t"#,
      "<14>1 2026-11-22T09:00:00Z h p 1 m - \u{FEFF}[barito@32473 secret=\"the\\\"secret\"]t",
      #"<14>Nov 22 09:00:00 h p[1]: [barito@32473 secret="the\"secret"] t"#,
      #"<14>Nov 22 09:00:00 h [barito@32473 secret="the\"secret"] t"#,
      #"<14>Nov 22 09:00:00 [barito@32473 secret="the\"secret"] t"#,
      #"<14>[barito@32473 secret="the\"secret"] t"#,
      #"[barito@32473 secret="the\"secret"] t"#,
    ])
  func secret(text: String) throws {
    let bytes = Array(text.utf8)
    let made = document(bytes)
    var credentials = SyslogCredentials()
    for _ in 0..<2 {
      #expect(credentials.read(made.message, in: bytes.span) == .app(SecretHash(of: #"the"secret"#)))
    }
    #expect(made.text.hasSuffix(#""message":"t"}"#) && !made.text.contains("secret") && !made.text.contains("barito"))
  }

  @Test(
    "whose a message is",
    arguments: [
      (#"<14>[barito@32473 secret="s" app="shop"] t"#, Credentials.group(SecretHash(of: "s"), appName: "shop")),
      (#"<14>[barito@32473 secret="s" app=""] t"#, .nameMissing),
      (#"<14>[barito@32473 secret=""] t"#, Credentials.none),
      (#"<14>[barito@32473 app="shop"] t"#, Credentials.none),
      (#"<14>[barito@32474 secret="s"] t"#, nil),
      (#"<14>t [barito@32473 secret="s"]"#, nil),
    ])
  func credentials(text: String, expected: Credentials?) {
    let bytes = Array(text.utf8)
    var credentials = SyslogCredentials()
    #expect(credentials.read(SyslogMessage(bytes.span), in: bytes.span) == expected)
  }

  @Test("what is remembered of one secret is not taken for another")
  func remembered() {
    var credentials = SyslogCredentials()
    for (secret, app) in [("a", nil), ("b", nil), ("b", "x"), ("b", "y"), ("b", nil), ("a", nil)] as [(String, String?)]
    {
      let bytes = Array(#"<14>[barito@32473 secret="\#(secret)"\#(app.map { " app=\"\($0)\"" } ?? "")] t"#.utf8)
      let expected = app.map { Credentials.group(SecretHash(of: secret), appName: $0) } ?? .app(SecretHash(of: secret))
      #expect(credentials.read(SyslogMessage(bytes.span), in: bytes.span) == expected)
    }
  }

  // MARK: Limits

  @Test("a text that is too long is cut between characters, and the document says so", arguments: 200..<240)
  func cut(limit: Int) throws {
    struct Document: Decodable {
      var message: String
      var truncated: Bool
    }
    let text = "é\u{1B}\"\\😀" + String(repeating: "aé\u{1B}\"\\😀\t", count: 30)
    let made = document(Array("<13>Nov 22 09:00:00 h p: \(text)".utf8), limit: limit)
    #expect(made.outcome == .cut && made.text.utf8.count <= limit && made.text.utf8.count > limit - 6)
    let read = try JSONDecoder().decode(Document.self, from: Data(made.text.utf8))
    #expect(read.truncated && text.hasPrefix(read.message) && !read.message.isEmpty)
  }

  @Test("a message that came cut is told so; one that just fits is whole")
  func marked() {
    let text = Array("<13>Nov 22 09:00:00 h p: text that is long enough".utf8)
    let whole = document(text)
    #expect(whole.outcome == .whole)
    #expect(document(text, limit: whole.text.utf8.count).text == whole.text)
    #expect(document(text, limit: whole.text.utf8.count - 1).outcome == .cut)
    #expect(document(text, isCut: true).text == whole.text.dropLast() + #","truncated":true}"#)
    #expect(document(text, limit: 60).outcome == .tooLarge)
  }

  @Test("structured data that is too long is left out as a whole, and the document says so")
  func longData() {
    let value = String(repeating: "v", count: 500)
    let made = document(Array(#"<13>1 - h - - - [a b="\#(value)"] t"#.utf8), limit: 400)
    #expect(made.outcome == .cut && made.text.hasSuffix(#""host":"h","message":"t","truncated":true}"#))
  }

  @Test("more structured data than anybody means is text")
  func manyParameters() {
    let many = (0..<300).map { " p\($0)=\"\"" }.joined()
    #expect(document("<13>1 - - - - - [a\(many)] t").contains(#""message":"[a p0=\"\""#))
    let elements = (0..<300).map { "[e\($0)]" }.joined()
    #expect(document("<13>1 - - - - - \(elements) t").contains(#""message":"[e0]["#))
  }

  // MARK: Real lines

  @Test(
    "the logs of real hosts are read whole", .enabled(if: !loghub("Linux").isEmpty, "no loghub: set BARITO_TEST_DATA"),
    arguments: ["Linux", "OpenSSH"])
  func realLines(name: String) throws {
    struct Document: Decodable {
      var host: String
      var program: String?
      var pid: String?
      var message: String
    }
    var named = 0
    let lines = loghub(name)
    #expect(lines.count == 2000)
    for line in lines {
      let made = document("<38>" + line)
      let read = try JSONDecoder().decode(Document.self, from: Data(made.utf8))
      #expect(read.host == (name == "Linux" ? "combo" : "LabSZ"))
      let tag = read.program.map { $0 + (read.pid.map { "[\($0)]" } ?? "") + ": " } ?? ""
      #expect(line.dropFirst(15) == " \(read.host) \(tag)\(read.message)", "nothing is lost")
      if read.program != nil { named += 1 }
    }
    #expect(named > 1950, "nearly all name their program")
  }

  @Test("random bytes become documents within the limit", arguments: 0..<200)
  func random(seed: UInt64) throws {
    var random = Seeded(seed)
    let words = [
      "<13>", "1 ", "- ", "[a b=\"c\"]", "[barito@32473 secret=\"s\"]", "Nov 22 09:00:00 ", "h ", "p[1]: ", "\"", "\\",
      "]",
    ]
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 0...30, using: &random) {
      if Bool.random(using: &random) {
        bytes += Array((words.randomElement(using: &random) ?? "").utf8)
      } else {
        bytes.append(UInt8.random(in: 0...255, using: &random))
      }
    }
    let made = document(bytes, limit: 300)
    let element = try JSONScanner.validate(Array(made.text.utf8).span)
    #expect(element.kind == .object && made.text.utf8.count <= 300)
  }
}
