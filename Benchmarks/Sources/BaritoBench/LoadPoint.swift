/// What is sent, how, and to whom: the base, or what differs from it in one thing.
struct LoadPoint: Sendable, Hashable {
  enum Server: Sendable, Hashable {
    case router
    /// The same Router, by fluentd's forward protocol with acknowledgements.
    case forward
    /// The same Router, by syslog over TCP, where nothing is answered.
    case syslog
    /// The Router with as many apps in its directory as a large company has, many of which send.
    case crowd(sending: Int)
    /// nginx with Lua, which answers after Kafka's acknowledgement.
    case nginx
    /// rsyslog, which takes syslog and answers nothing.
    case rsyslog
    /// A server that does nothing but suspend and resume each request.
    case microhttpd
  }

  var format = ProduceRequests.Format.ndjson
  var lines = 500
  var connections = 16
  var lineBytes = LogLines.lineBytes
  var server = Server.router

  static let base = LoadPoint()
  /// Batches of one line, on so many connections that a server is busy for all that each waits for Kafka.
  static let single = LoadPoint(lines: 1, connections: 256)
  static let forward = LoadPoint(server: .forward)
  static let syslog = LoadPoint(server: .syslog)
  static let nginx = LoadPoint(server: .nginx)
  static let microhttpd = LoadPoint(lines: 1, connections: 256, server: .microhttpd)

  /// - Parameter crowd: apps that send at once.
  static func all(crowd: Int) -> [LoadPoint] {
    ProduceRequests.Format.allCases.map { LoadPoint(format: $0) } + [
      LoadPoint(lines: 50), LoadPoint(lines: 1), LoadPoint(connections: 1), LoadPoint(connections: 256), single,
      LoadPoint(lineBytes: 1024), forward, syslog, LoadPoint(server: .crowd(sending: crowd)), nginx,
      LoadPoint(lines: 50, server: .nginx),
      LoadPoint(server: .rsyslog), microhttpd,
    ]
  }

  /// As the results call it: what differs from the base.
  var title: String {
    var words: [String] = []
    switch server {
    case .router: words.append("Router, \(format.title)")
    case .crowd(let apps): words.append("Router, \(format.title), \(grouped(Double(apps))) apps")
    case .forward: words.append("Router, forward, acknowledged")
    case .syslog: words.append("Router, syslog over TCP")
    case .nginx: words.append("nginx with lua-resty-kafka")
    case .rsyslog: words.append("rsyslog with omkafka")
    case .microhttpd: words.append("bare libmicrohttpd, no Kafka")
    }
    if lines != LoadPoint.base.lines { words.append("batches of \(lines)") }
    if connections != LoadPoint.base.connections {
      words.append(connections == 1 ? "1 connection" : "\(connections) connections")
    }
    if lineBytes != LoadPoint.base.lineBytes { words.append("lines of \(lineBytes) bytes") }
    return words.joined(separator: ", ")
  }
}
