import Curl
import Glibc
import Kafka
import TestKit
import Testing

/// A Kafka to be hurt: real brokers of this test alone.
final class RealKafka: Sendable {
  struct Failure: Error, CustomStringConvertible { let description: String }

  /// The command that starts real servers, which `make test` names; nil where there is none.
  static let engine = environmentVariable("BARITO_TEST_ENGINE")

  /// Where clients find it: the proxy's address where there is one.
  let brokers: String
  private let engine: String
  private let folder: String
  private let proxy: Toxiproxy?

  /// - Parameters:
  ///   - brokers: how many.
  ///   - isProxied: clients reach the only broker through Toxiproxy.
  init(brokers count: Int = 1, isProxied: Bool = false) async throws {
    engine = try #require(RealKafka.engine)
    folder = try makeTemporaryFolder()
    // A port that the broker finds free when it comes back.
    let port = try freePorts(1)[0]
    var arguments = [
      "--heap", "384m", "--brokers", "\(count)", "--port", "\(port)", "--set", "broker.session.timeout.ms=6000",
    ]
    var front: Toxiproxy?
    if isProxied {
      let proxy = try await Toxiproxy(engine, in: folder, upstream: "127.0.0.1:\(port)")
      front = proxy
      arguments += ["--set", "advertised.listeners=PLAINTEXT://\(proxy.address)"]
    }
    let output: String
    do {
      output = try await RealKafka.run(engine, ["start", "kafka", "\(folder)/kafka"] + arguments, in: folder)
    } catch {
      await front?.stop()
      throw error
    }
    proxy = front
    brokers = front?.address ?? output.split(separator: "\n").last.map { String($0) } ?? ""
  }

  /// For clients that read what is there.
  var configuration: KafkaConfiguration { KafkaConfiguration(brokers: brokers, clientID: "oracle") }

  func stopBroker() async throws {
    _ = try await RealKafka.run(engine, ["stop", "\(folder)/kafka"], in: folder)
  }

  func restart() async throws { _ = try await RealKafka.run(engine, ["restart", "\(folder)/kafka"], in: folder) }

  /// Sends a signal to the process of a broker.
  func send(_ signal: Int32, node: Int = 0) throws {
    let text = String(decoding: contents(ofFile: "\(folder)/kafka/\(node)/pid") ?? [], as: UTF8.self)
    let pid = try #require(Int32(text.filter { $0.isNumber }), "the engine wrote no pid of node \(node)")
    kill(pid, signal)
  }

  /// Lets no byte through, and says so to nobody.
  func cutOff() async throws { try await proxy?.cutOff() }
  func connect() async throws { try await proxy?.connect() }

  func stop() async {
    _ = try? await RealKafka.run(engine, ["stop", "\(folder)/kafka"], in: folder)
    await proxy?.stop()
    removeFolder(folder)
  }

  fileprivate static func run(_ engine: String, _ arguments: [String], in folder: String) async throws -> String {
    let name = "\(folder)/engine-\(UInt32.random(in: 0 ... .max))"
    let process = try ChildProcess("engine", engine, arguments, output: "\(name).out", errors: "\(name).err")
    let status = try await process.waitForExit(within: .seconds(150))
    guard status == 0 else {
      let errors = String(decoding: (contents(ofFile: "\(name).err") ?? []).suffix(1000), as: UTF8.self)
      throw Failure(description: "engine \(arguments.joined(separator: " ")) ended with \(status): \(errors)")
    }
    return String(decoding: process.output, as: UTF8.self)
  }
}

/// Toxiproxy before one server.
private final class Toxiproxy: Sendable {
  let address: String
  private let api: String
  private let process: ChildProcess

  init(_ engine: String, in folder: String, upstream: String) async throws {
    let home = try await RealKafka.run(engine, ["unpack", "toxiproxy"], in: folder).split(separator: "\n").last ?? ""
    let ports = try freePorts(2)
    address = "127.0.0.1:\(ports[0])"
    api = "http://127.0.0.1:\(ports[1])"
    process = try ChildProcess(
      "toxiproxy", "\(home)/bin/toxiproxy-server", ["-host", "127.0.0.1", "-port", "\(ports[1])"],
      output: "\(folder)/toxiproxy.log")
    let api = api
    try await eventually("Toxiproxy answers") {
      (try? await CurlClient().perform(CurlRequest("GET", "\(api)/version", timeout: .seconds(2))))?.status == 200
    }
    try await call(
      "POST", "/proxies", #"{"name":"kafka","listen":"\#(address)","upstream":"\#(upstream)","enabled":true}"#)
  }

  func cutOff() async throws {
    for stream in ["upstream", "downstream"] {
      try await call(
        "POST", "/proxies/kafka/toxics",
        #"{"name":"\#(stream)","type":"timeout","stream":"\#(stream)","attributes":{"timeout":0}}"#)
    }
  }

  func connect() async throws {
    for stream in ["upstream", "downstream"] { try await call("DELETE", "/proxies/kafka/toxics/\(stream)", nil) }
  }

  func stop() async { await process.stop(within: .seconds(10)) }

  private func call(_ method: String, _ path: String, _ body: String?) async throws {
    let request = CurlRequest(method, api + path, body: body.map { Array($0.utf8) }, timeout: .seconds(10))
    let answer = try await CurlClient().perform(request)
    try #require(answer.isSuccess, "Toxiproxy \(method) \(path): \(answer.status) \(answer.text)")
  }
}
