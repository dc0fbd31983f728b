import Curl
import TestKit

/// Toxiproxy before one server.
final class Toxiproxy: Sendable {
  let address: String
  private let api: String
  private let process: ChildProcess

  init(in folder: String, upstream: String) async throws {
    let home = try await Engine.run(["unpack", "toxiproxy"], in: folder).split(separator: "\n").last ?? ""
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
    guard answer.isSuccess else {
      throw Engine.Failure(description: "Toxiproxy \(method) \(path): \(answer.status) \(answer.text)")
    }
  }
}
