import BaritoCore
import Kafka
import KafkaTesting
import Logging
import Metrics
import Settings
import Streams
import TestKit
import Testing

@testable import BaritoRouter

/// A Router that takes syslog in, over a Kafka of its own in this process.
struct SyslogRouter {
  let router: RouterUnderTest
  let server: StreamServer
  let port: Int
  let log: LogRecorder
  /// The app's secret.
  static let secret = "secret-Shop"

  init(
    apps: [AppProfile] = [.named("Shop")], limits: BodyReader.Limits = .test, bytes: Int = 64 << 20,
    patience: Duration = .seconds(40), timeout: Duration = .seconds(5), tls: StreamServerConfiguration.TLS? = nil,
    market: String = "http://127.0.0.1:1"
  ) async throws {
    log = LogRecorder()
    router = try await RouterUnderTest(
      apps: apps, market: market, limits: limits, timeout: timeout, logger: log.logger)
    // Several, since Kafka's mock keeps only the newest 5 MiB of each.
    for app in apps { router.cluster.createTopic("\(app.topicName)_logs", partitions: 8) }
    var bounds = SyslogListener.bounds(bytes: bytes)
    bounds.lastPatience = patience
    let ingest = StreamIngest(
      SyslogListener.name, pipeline: router.pipeline, metrics: StreamMetrics(router.registry), limits: bounds,
      logger: log.logger, explain: SyslogCredentials.explain)
    let listener = SyslogListener(
      ingest: ingest, metrics: SyslogMetrics(router.registry), documentBytes: limits.documentBytes)
    server = listener.server(
      .init("127.0.0.1", 0), tls, threads: 2, connections: 100, bytesInFlight: 64 << 20, logger: log.logger)
    port = try server.start()
  }

  /// The texts that a topic holds.
  func texts(_ count: Int, of topic: String = "shop_logs") async throws -> [String] {
    try await router.records(topic, count).map { SyslogRouter.text(of: $0.value) }
  }

  /// What stands behind `"message":"` up to the document's end.
  static func text(of document: String) -> String {
    guard let start = document.firstRange(of: #""message":""#)?.upperBound else { return "no message: \(document)" }
    return String(document[start...].dropLast(2))
  }

  func metric(_ line: String) -> Bool { router.metric(line) }

  func waitForMetric(_ line: String) async throws {
    try await eventually("the metric \(line)") { router.metric(line) }
  }

  func close() async {
    await server.stop()
    await router.close()
  }
}

/// What senders of syslog write.
enum SyslogWire {
  /// A message of RFC 5424.
  static func message(_ text: String, secret: String? = SyslogRouter.secret) -> String {
    let data = secret.map { #"[barito@32473 secret="\#($0)"]"# } ?? "-"
    return "<14>1 2026-11-22T09:00:00Z h p 1 m \(data) \(text)"
  }

  /// A message of RFC 3164.
  static func old(_ text: String, secret: String = SyslogRouter.secret) -> String {
    #"<14>Nov 22 09:00:00 h p[1]: [barito@32473 secret="\#(secret)"] \#(text)"#
  }

  static func line(_ text: String, secret: String? = SyslogRouter.secret) -> String {
    message(text, secret: secret) + "\n"
  }

  static func counted(_ message: String) -> String { "\(message.utf8.count) \(message)" }
}

/// A self-signed certificate for 127.0.0.1 in a folder of its own.
struct SelfSignedCertificate {
  let folder: String
  var files: StreamServerConfiguration.TLS {
    .init(certificateFile: folder + "/certificate.pem", keyFile: folder + "/key.pem")
  }

  init() async throws {
    folder = try makeTemporaryFolder()
    let made = try ChildProcess(
      "openssl", "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-keyout", folder + "/key.pem", "-out", folder + "/certificate.pem",
        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
      ], output: folder + "/openssl.txt")
    let status = try await made.waitForExit()
    try #require(status == 0, "\(made.lastOutput)")
  }

  /// Sends by TLS, and ends.
  func send(_ text: String, to port: Int) async throws {
    let file = folder + "/text-\(UInt32.random(in: .min ... .max))"
    let script = """
      import socket, ssl, sys
      context = ssl.create_default_context(cafile=sys.argv[1])
      with socket.create_connection(('127.0.0.1', int(sys.argv[2])), timeout=30) as raw:
        with context.wrap_socket(raw, server_hostname='127.0.0.1') as s:
          s.sendall(sys.argv[3].encode())
          # Closed with a session ticket unread the connection would be reset, and what was sent be lost with it.
          s.unwrap()
      """
    let child = try ChildProcess(
      "client", "python3", ["-c", script, files.certificateFile, "\(port)", text], output: file)
    let status = try await child.waitForExit()
    try #require(status == 0, "\(child.lastOutput)")
  }

  func remove() { removeFolder(folder) }
}
