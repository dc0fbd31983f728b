public import Curl
import Glibc
import TestKit

/// An Elasticsearch to be hurt: a real server of this test alone.
public final class RealElasticsearch: Sendable {
  public let url: String
  private let folder: String
  /// The server's own, within `folder`.
  private let home: String

  /// - Parameter settings: the server's own.
  public init(settings: [String: String] = [:]) async throws {
    folder = try makeTemporaryFolder()
    // A port that it finds free when it comes back.
    var arguments = ["--heap", "512m", "--port", "\(try freePorts(1)[0])"]
    for (name, value) in settings.sorted(by: { $0.key < $1.key }) { arguments += ["--set", "\(name)=\(value)"] }
    (home, url) = try await Engine.start("elasticsearch", arguments, in: folder)
  }

  /// Stops the server; its data stays.
  public func stopServer() async throws { try await Engine.run(["stop", home], in: folder) }
  /// Starts it again. On a machine full of other work the first try may be given up too soon; the second finds it there.
  public func restart() async throws {
    let arguments = ["restart", home]
    do { try await Engine.run(arguments, in: folder) } catch { try await Engine.run(arguments, in: folder) }
  }
  public func send(_ signal: Int32) throws { kill(try Engine.pid(ofNode: 0, in: home), signal) }

  /// Asks for something that must succeed.
  @discardableResult
  public func call(_ method: String, _ path: String, _ json: String? = nil) async throws -> CurlResponse {
    try await RealElasticsearch.call(url, method, path, json)
  }

  /// The same of a server that somebody else started.
  @discardableResult
  public static func call(
    _ url: String, _ method: String, _ path: String, _ json: String? = nil
  ) async throws -> CurlResponse {
    var request = CurlRequest(
      method, url + path, body: json.map { Array($0.utf8) }, timeout: .seconds(60), maxResponseBytes: 256 << 20)
    if json != nil { request.setHeader("Content-Type", "application/json") }
    let answer = try await CurlClient().perform(request)
    guard answer.isSuccess else {
      throw Engine.Failure(description: "\(method) \(path): \(answer.status) \(answer.text.prefix(500))")
    }
    return answer
  }

  public func stop() async {
    _ = try? await Engine.run(["stop", home], in: folder)
    removeFolder(folder)
  }
}
