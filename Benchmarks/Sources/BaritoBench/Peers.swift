import Glibc

/// What the Router is compared with beside bare librdkafka: servers that others would use or that do less.
struct Peers {
  let stage: Stage

  /// Starts those that are installed.
  /// - Returns: them, and why others are left out.
  func start() throws -> (servers: [LoadPoint.Server: IngestComparison.Running], missing: [String]) {
    var servers: [LoadPoint.Server: IngestComparison.Running] = [:]
    var missing: [String] = []
    if let lacking = NginxPeer.files.first(where: { access($0, R_OK) != 0 }) {
      missing.append(
        "nginx with lua-resty-kafka is left out, there is no \(lacking): "
          + "apt-get install nginx libnginx-mod-http-lua lua-nginx-kafka")
    } else {
      let port = try Loopback.freePort()
      let peer = NginxPeer(port: port, broker: stage.broker.address, topic: Stage.App.nginx.topic)
      let folder = "\(stage.children.folder)/nginx"
      guard mkdir(folder, 0o755) == 0 else { throw BenchError("cannot make \(folder): \(systemError())") }
      try TextFile.write(Array(peer.configuration(folder: folder).utf8), to: "\(folder)/nginx.conf")
      let process = try stage.children.start(
        "nginx", NginxPeer.program, ["-p", folder, "-c", "\(folder)/nginx.conf", "-e", "stderr"])
      servers[.nginx] = .init(process: process, port: port, secret: "none")
    }
    let port = try Loopback.freePort()
    let program = try stage.children.sibling("barito-bench-microhttpd")
    let process = try stage.children.start("microhttpd", program, ["\(port)", "2"])
    _ = try process.readLine(within: .seconds(20))
    servers[.microhttpd] = .init(process: process, port: port, secret: "none")
    return (servers, missing)
  }
}
