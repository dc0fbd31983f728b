import Curl
import TestKit
import Testing

/// The kind of Kafka and Elasticsearch that a run goes against: real ones, or the small server that stands in on a laptop.
/// `make test` starts servers of both kinds and names them in the environment.
enum Backend: String, CaseIterable, CustomTestStringConvertible {
  case real, embedded

  /// Those that are there.
  static var available: [Backend] {
    allCases.filter { environmentVariable("BARITO_TEST_KAFKA" + $0.suffix) != nil }
  }

  /// The embedded server answers a fetch with all that there is, whatever the client asks for.
  var kafkaProperties: [String] {
    self == .embedded ? ["--kafka-property", "receive.message.max.bytes=2000000000"] : []
  }

  var testDescription: String { rawValue }

  private var suffix: String { self == .embedded ? "_EMBEDDED" : "" }

  /// The servers of one platform. Each platform has a Kafka to itself, because the control plane's topics are its own;
  /// where none can be started the one that was named is used.
  func start(in folder: String) async throws -> Servers {
    let named = Servers(
      kafka: try #require(environmentVariable("BARITO_TEST_KAFKA" + suffix)),
      elasticsearch: try #require(environmentVariable("BARITO_TEST_ELASTICSEARCH" + suffix)))
    switch self {
    case .real:
      guard let engine = environmentVariable("BARITO_TEST_ENGINE") else { return named }
      // A JVM that was just given a port may lose it to somebody else: that is bad luck, three times it is a fault.
      var complaint = ""
      for attempt in 1...3 {
        let data = "\(folder)/kafka-\(attempt)"
        let errors = "\(folder)/engine-\(attempt).err"
        let start = try ChildProcess(
          "engine", engine, ["start", "kafka", data, "--heap", "384m"], output: "\(folder)/engine-\(attempt).out",
          errors: errors)
        let status = try await start.waitForExit(within: .seconds(120))
        if status == 0, let address = String(decoding: start.output, as: UTF8.self).split(separator: "\n").last {
          return Servers(
            kafka: String(address), elasticsearch: named.elasticsearch, engine: engine, folder: data)
        }
        complaint = String(decoding: contents(ofFile: errors) ?? [], as: UTF8.self)
      }
      throw Platform.Ended(description: "Kafka did not start: \(complaint)")
    case .embedded:
      guard let program = environmentVariable("BARITO_TEST_NOIDA"), let pacer = environmentVariable("BARITO_TEST_PACER")
      else { return named }
      let ports = try freePorts(2)
      let url = "http://127.0.0.1:\(ports[1])"
      let process = try ChildProcess(
        "noida-db", "/usr/bin/python3",
        ["-B", pacer, program, "\(folder)/noida", "\(ports[0])", "\(ports[1])"], output: "\(folder)/noida.log")
      try await eventually(within: .seconds(30), "noida-db answers") {
        (try? await CurlClient().perform(CurlRequest("GET", url, timeout: .seconds(1))))?.status == 200
      }
      return Servers(kafka: "127.0.0.1:\(ports[0])", elasticsearch: url, process: process)
    }
  }
}

/// Where a platform's Kafka and Elasticsearch are, and how to stop what was started for it.
struct Servers: Sendable {
  var kafka: String
  var elasticsearch: String
  var process: ChildProcess?
  var engine: String?
  var folder: String?

  func stop() async {
    await process?.stop(within: .seconds(10))
    guard let engine, let folder else { return }
    let stop = try? ChildProcess("engine", engine, ["stop", folder], output: "/dev/null")
    _ = try? await stop?.waitForExit(within: .seconds(60))
  }
}
