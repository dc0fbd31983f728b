import Glibc

/// A real Elasticsearch on this machine, started for this run.
struct Elasticsearch {
  let port: Int
  /// What it is, for the results.
  let title: String
  let process: pid_t

  /// Half of it is for indexing, more than the bulk requests that are under way at once can fill.
  private static let heap = "1g"

  static func start(_ engine: Engine, _ children: Children) throws -> Elasticsearch {
    let running = try engine.start("elasticsearch", ["--heap", heap], children)
    let number = try TextFile.read("\(running.folder)/0/pid").filter { !$0.isWhitespace }
    guard let port = running.address.split(separator: ":").last.flatMap({ Int($0) }), let process = pid_t(number) else {
      throw BenchError("an Elasticsearch at \(running.address) as process \(number) is none")
    }
    return Elasticsearch(port: port, title: running.title, process: process)
  }

  /// Deletes the indices whose names begin so.
  func deleteIndices(_ prefix: String) throws {
    let names = try request("GET", "/_cat/indices/\(prefix)*?h=index").split(whereSeparator: \.isWhitespace)
    for name in names { _ = try request("DELETE", "/\(name)") }
  }

  /// Documents that a search finds in the indices whose names begin so.
  func documents(in prefix: String) throws -> Int {
    _ = try request("POST", "/\(prefix)*/_refresh")
    let answer = try request("GET", "/\(prefix)*/_count")
    guard let number = answer.split(separator: #""count":"#).dropFirst().first?.prefix(while: \.isNumber),
      let count = Int(number)
    else { throw BenchError("Elasticsearch says of documents: \(answer)") }
    return count
  }

  /// - Throws: unless the indices whose names begin so were shaped by Flow's template.
  func requireTemplate(_ prefix: String) throws {
    let settings = try request("GET", "/\(prefix)*/_settings")
    guard settings.contains("best_compression") else {
      throw BenchError("\(prefix)* is not shaped by Flow's index template: \(settings.prefix(500))")
    }
  }

  private func request(_ method: String, _ path: String) throws -> String {
    let answer = try Loopback.request(method, path, port: port)
    let body = String(decoding: answer.body, as: UTF8.self)
    guard answer.status == 200 else {
      throw BenchError("Elasticsearch answered \(method) \(path) with \(answer.status): \(body.prefix(500))")
    }
    return body
  }
}
