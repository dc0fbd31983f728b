import BaritoCore
import Compression
import Cryptography
import KafkaTesting
import Logging
import Metrics
import Settings
import Streams
import TestKit
import Testing

@testable import BaritoRouter

/// What senders of the forward protocol write.
enum ForwardWire {
  /// fluentd's EventTime.
  static func time(_ seconds: UInt32, _ nanoseconds: UInt32 = 0) -> [UInt8] {
    var bytes: [UInt8] = [0xD7, 0x00]
    for number in [seconds, nanoseconds] {
      bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
    }
    return bytes
  }

  static func text(_ text: String) -> [UInt8] {
    var writer = MessagePackWriter()
    writer.string(text)
    return writer.bytes
  }

  static func map(_ members: [(String, [UInt8])]) -> [UInt8] {
    var writer = MessagePackWriter()
    writer.map(members.count)
    return members.reduce(writer.bytes) { $0 + text($1.0) + $1.1 }
  }

  static func array(_ elements: [[UInt8]]) -> [UInt8] {
    var writer = MessagePackWriter()
    writer.array(elements.count)
    return elements.reduce(writer.bytes, +)
  }

  static func binary(_ bytes: [UInt8]) -> [UInt8] {
    var writer = MessagePackWriter()
    writer.binary(bytes.span)
    return writer.bytes
  }

  static func record(_ message: String) -> [UInt8] { map([("message", text(message))]) }

  static func event(_ message: String, at seconds: UInt32 = 1_700_000_000) -> [UInt8] {
    array([time(seconds), record(message)])
  }

  /// One event.
  static func message(_ tag: String, _ message: String, chunk: String? = nil) -> [UInt8] {
    array([text(tag), time(1_700_000_000), record(message)] + options(chunk))
  }

  /// Many events in an array.
  static func forward(_ tag: String, _ messages: [String], chunk: String? = nil) -> [UInt8] {
    array([text(tag), array(messages.map { event($0) })] + options(chunk))
  }

  /// Many events in bytes.
  static func packed(_ tag: String, _ messages: [String], chunk: String? = nil) -> [UInt8] {
    array([text(tag), binary(messages.flatMap { event($0) })] + options(chunk))
  }

  /// Many events in bytes, in as many gzip members as there are lists.
  static func compressed(_ tag: String, _ members: [[String]], chunk: String? = nil) -> [UInt8] {
    let content = members.flatMap { Deflater.deflate($0.flatMap { event($0) }, as: .gzip) }
    return array([text(tag), binary(content)] + options(chunk, ("compressed", text("gzip"))))
  }

  static func options(_ chunk: String?, _ more: (String, [UInt8])...) -> [[UInt8]] {
    let all = (chunk.map { [("chunk", text($0))] } ?? []) + more
    return all.isEmpty ? [] : [map(all)]
  }

  static func ack(_ chunk: String) -> [UInt8] { map([("ack", text(chunk))]) }
}

/// A Router that takes the forward protocol in, over a Kafka of its own in this process.
struct ForwardRouter {
  let router: RouterUnderTest
  let server: StreamServer
  let port: Int
  let log: LogRecorder
  /// The app's secret.
  static let secret = "secret-Shop"

  init(
    app: AppProfile = .named("Shop"), limits: BodyReader.Limits = .test, bytes: Int = 64 << 20,
    greetingDelay: Duration = .seconds(30), messageTimeout: Duration = .seconds(30),
    patience: Duration = .seconds(20), timeout: Duration = .seconds(5), brokers: String? = nil,
    requiresHandshake: Bool = false
  ) async throws {
    log = LogRecorder()
    router = try await RouterUnderTest(
      apps: [app], limits: limits, timeout: timeout, logger: log.logger, brokers: brokers)
    router.cluster.createTopic("shop_logs", partitions: 1)
    var bounds = StreamIngest.Limits(bytes: bytes)
    bounds.patience = patience
    bounds.lastPatience = patience
    let ingest = StreamIngest(
      ForwardListener.name, pipeline: router.pipeline, metrics: StreamMetrics(router.registry), limits: bounds,
      logger: log.logger, explain: ForwardCredentials.explain)
    var listener = ForwardListener(ingest: ingest, limits: limits, inflater: Inflater())
    listener.greetingDelay = greetingDelay
    listener.requiresHandshake = requiresHandshake
    listener.messageTimeout = messageTimeout
    server = listener.server(
      .init("127.0.0.1", 0), nil, threads: 2, connections: 100, bytesInFlight: 64 << 20, logger: log.logger)
    port = try server.start()
  }

  func messages(_ count: Int) async throws -> [String] {
    try await router.records("shop_logs", count).map { $0.value }
  }

  func close() async {
    await server.stop()
    await router.close()
  }

  func metric(_ line: String) -> Bool { router.metric(line) }
}

struct StreamEnded: Error, CustomStringConvertible { let description: String }

extension RawSocket {
  /// Reads until so many bytes came.
  func read(exactly count: Int) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let more = try await read(upTo: count - bytes.count)
      guard !more.isEmpty else {
        throw StreamEnded(description: "\(count) bytes came; the stream ended after \(bytes.count)")
      }
      bytes += more
    }
    return bytes
  }

  func expectAck(_ chunk: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let expected = ForwardWire.ack(chunk)
    #expect(try await read(exactly: expected.count) == expected, sourceLocation: sourceLocation)
  }
}
