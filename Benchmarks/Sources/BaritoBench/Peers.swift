import Glibc

/// What the Router is compared with beside bare librdkafka: servers that others would use or that do less.
struct Peers {
  let stage: Stage

  private(set) var servers: [LoadPoint.Server: IngestComparison.Running] = [:]
  /// Why others are left out.
  private(set) var missing: [String] = []

  /// Starts those that are installed.
  init(stage: Stage) throws {
    self.stage = stage
    let folder = stage.children.folder
    try add(.nginx, needing: NginxPeer.files, packages: "nginx libnginx-mod-http-lua lua-nginx-kafka") { port, path in
      let peer = NginxPeer(port: port, broker: stage.broker.address, topic: Stage.App.nginx.topic)
      try TextFile.write(Array(peer.configuration(folder: path).utf8), to: "\(path)/nginx.conf")
      return try stage.children.start(
        "nginx", NginxPeer.program, ["-p", path, "-c", "\(path)/nginx.conf", "-e", "stderr"])
    }
    try add(.rsyslog, needing: RsyslogPeer.files, packages: "rsyslog rsyslog-kafka") { port, path in
      let peer = RsyslogPeer(port: port, broker: stage.broker.address, topic: Stage.App.rsyslog.topic)
      try TextFile.write(Array(peer.configuration(folder: path).utf8), to: "\(path)/rsyslog.conf")
      return try stage.children.start(
        "rsyslog", RsyslogPeer.program, ["-n", "-f", "\(path)/rsyslog.conf", "-i", "\(folder)/rsyslog.pid"])
    }
    let port = try Loopback.freePort()
    let program = try stage.children.sibling("barito-bench-microhttpd")
    let process = try stage.children.start("microhttpd", program, ["\(port)", "2"])
    _ = try process.readLine(within: .seconds(20))
    servers[.microhttpd] = .init(process: process, port: port, secret: "none")
  }

  /// - Parameter start: is given a port and a folder of its own.
  private mutating func add(
    _ server: LoadPoint.Server, needing files: [String], packages: String,
    start: (Int, String) throws -> ChildProcess
  ) throws {
    if let lacking = files.first(where: { access($0, R_OK) != 0 }) {
      missing.append("\(LoadPoint(server: server).title): there is no \(lacking); apt-get install \(packages)")
      return
    }
    let port = try Loopback.freePort()
    let path = "\(stage.children.folder)/peer-\(port)"
    guard mkdir(path, 0o755) == 0 else { throw BenchError("cannot make \(path): \(systemError())") }
    servers[server] = .init(process: try start(port, path), port: port, secret: "none")
  }
}
