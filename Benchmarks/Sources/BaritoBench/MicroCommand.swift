import BaritoCore
import BaritoRouter
import BaritoService
import Logging
import Redaction
import Settings

/// `barito-bench micro`: the hot functions, one at a time.
enum MicroCommand {
  static let name = "micro"
  static let repetitions = 7
  static let program = Program(name, "Measures the hot functions alone.", settings: [])

  static func run() throws { ProgramOutput.print(MicroResult.table(try measure())) }

  /// - Parameter seconds: of each repetition, about.
  static func measure(seconds: Double = 0.1) throws -> [MicroResult] {
    let lines = LogLines.make(500, seed: 1)
    let (profiles, hashes) = directory(of: 100_000)
    let protobuf = OTLPRequest.body(lines)
    let messagePack = messages(lines)
    let ingest = IngestWorkload(apps: profiles.apps.values.sorted { $0.id.rawValue < $1.id.rawValue })
    let ndjson = ProduceRequests.body(.ndjson, lines)
    let bulk = ProduceRequests.body(.bulk, lines)
    return [
      try best("JSON scanner, a line at a time", seconds, bytes: ndjson.count, items: ("lines", lines.count)) {
        for line in lines { _ = try JSONScanner.validate(line.span) }
      },
      try best("NDJSON to documents", seconds, bytes: ndjson.count, items: ("lines", lines.count)) {
        try require(try ingest.produce(ndjson.span) == lines.count)
      },
      try best("_bulk to documents", seconds, bytes: bulk.count, items: ("lines", lines.count)) {
        try require(try ingest.bulk(bulk.span) == lines.count)
      },
      try best("redaction, two patterns and a path", seconds, bytes: ndjson.count, items: ("lines", lines.count)) {
        try require(redact(lines) < lines.count)
      },
      try best("limiter, an app with a limit in a group with one", seconds, items: ("admits", 1000)) {
        ingest.admit(1000)
      },
      try best("directory of 100,000 apps, by a secret's hash", seconds, items: ("look-ups", hashes.count)) {
        for hash in hashes { try require(profiles.app(secret: hash) != nil) }
      },
      try best("hash of a secret", seconds, items: ("hashes", 1000)) {
        for _ in 0..<1000 { _ = SecretHash(of: "secret-of-app-1234") }
      },
      try best(
        "protobuf reader, the fields of OTLP records", seconds, bytes: protobuf.count, items: ("lines", lines.count)
      ) {
        try require(try fields(protobuf.span, 0..<protobuf.count, depth: 0) > lines.count)
      },
      try best("OTLP in protobuf to documents", seconds, bytes: protobuf.count, items: ("lines", lines.count)) {
        try require(try ingest.otlp(protobuf.span) == lines.count)
      },
      try best("MessagePack to JSON", seconds, bytes: messagePack.count, items: ("lines", lines.count)) {
        var reader = MessagePackReader(messagePack.span)
        var output: [UInt8] = []
        output.reserveCapacity(2 * messagePack.count)
        while !reader.isAtEnd { _ = try MessagePackJSON.append(&reader, in: messagePack.span, to: &output) }
      },
    ]
  }

  /// Repeats the body for about so long, several times, and takes the fastest.
  /// - Parameters:
  ///   - bytes: that one call reads; 0 where that means nothing.
  ///   - items: that one call handles.
  private static func best(
    _ name: String, _ seconds: Double, bytes: Int = 0, items: (name: String, count: Int), _ body: () throws -> Void
  ) throws -> MicroResult {
    let clock = ContinuousClock()
    let once = max(try clock.measure(body) / .seconds(1), 1e-9)
    let calls = max(1, Int(seconds / once))
    var shortest = Double.infinity
    for _ in 0..<repetitions {
      try Interruption.check()
      let time = try clock.measure { for _ in 0..<calls { try body() } }
      shortest = min(shortest, time / .seconds(1) / Double(calls))
    }
    return MicroResult(name: name, item: items.name, items: items.count, bytes: bytes, seconds: shortest)
  }

  private static func require(_ condition: Bool) throws {
    guard condition else { throw BenchError("a function that is measured does not do what it should") }
  }

  private static let redactor = Redactor([
    RedactionRule(name: "CARD", .pattern(#"\b\d{13,19}\b"#), hintStart: 2, hintEnd: 2),
    RedactionRule(name: "MAIL", .pattern(#"[\w.+-]+@[\w-]+\.[\w.]+"#)),
    RedactionRule(name: "USER", .path(".user.name")),
  ])

  /// - Returns: how many of the lines held something to hide.
  private static func redact(_ lines: [[UInt8]]) -> Int {
    var (pass, tally) = (RedactionPass(), RedactionTally())
    return lines.count { pass.redact($0.span, by: redactor, &tally) != .unchanged }
  }

  /// Apps with and without limits, and what a tenth of them are looked up by, in no order.
  private static func directory(of count: Int) -> (ProfileDirectory, [SecretHash]) {
    var page = Crowd(apps: count, sending: 0).page(brokers: "127.0.0.1:1")
    for index in page.groups.indices { page.groups[index].limits = IngestLimits(linesPerSecond: 1_000_000_000) }
    for index in page.apps.indices { page.apps[index].limits = IngestLimits(linesPerSecond: 1_000_000_000) }
    var directory = ProfileDirectory()
    directory.apply(page)
    var random = SplitMix64(state: 1)
    return (directory, (0..<count / 10).map { _ in page.apps[random.below(count)].secrets[0] })
  }

  /// What fluentd would send of the lines: maps of texts and numbers.
  private static func messages(_ lines: [[UInt8]]) -> [UInt8] {
    var writer = MessagePackWriter()
    for (number, line) in lines.enumerated() {
      writer.map(4)
      writer.string("level")
      writer.string("info")
      writer.string("status")
      writer.integer(200)
      writer.string("ms")
      writer.integer(Int64(number))
      writer.string("message")
      writer.string(utf8: line.span.extracting(0..<160))
    }
    return writer.bytes
  }

  /// Reads every field, into messages as deep as OTLP's are.
  private static func fields(_ bytes: Span<UInt8>, _ range: Range<Int>, depth: Int) throws -> Int {
    var (reader, count) = (ProtobufReader(range), 0)
    while let field = try reader.nextField(in: bytes) {
      count += 1
      guard field.wireType == .lengthDelimited, depth < 3 else {
        try reader.skip(field, in: bytes)
        continue
      }
      count += try fields(bytes, try reader.lengthDelimited(in: bytes), depth: depth + 1)
    }
    return count
  }
}
