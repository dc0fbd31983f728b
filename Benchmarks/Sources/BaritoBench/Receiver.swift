/// What a Flow sends to: a sink that counts what is answered, alone or with a real Elasticsearch behind it.
enum Receiver {
  case sink(delay: Duration)
  case elasticsearch(Elasticsearch)

  /// Starts it; it then tells its port.
  /// - Parameters:
  ///   - count: documents after which it tells what came.
  ///   - more: other arguments of `SinkCommand`.
  func start(_ children: Children, expecting count: Int, _ more: [String] = []) throws -> (
    sink: ChildProcess, port: Int
  ) {
    var arguments = ["--count", "\(count)"] + more
    switch self {
    case .sink(let delay): arguments += ["--delay", milliseconds(delay / .seconds(1))]
    case .elasticsearch(let server): arguments += ["--server", "\(server.port)"]
    }
    let sink = try children.start(SinkCommand.name, arguments)
    return (sink, try sink.report(within: .seconds(10)).count("port"))
  }
}
