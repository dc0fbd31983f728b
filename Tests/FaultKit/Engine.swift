import TestKit

/// The command that starts real servers, which `make test` names.
public enum Engine {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
    public init(description: String) { self.description = description }
  }

  /// Nil where there is none: then the tests that need it are left out.
  public static let command = environmentVariable("BARITO_TEST_ENGINE")

  /// Runs it and waits.
  ///
  /// - Parameter folder: where what it says is kept.
  /// - Returns: what it printed.
  @discardableResult
  public static func run(_ arguments: [String], in folder: String) async throws -> String {
    guard let command else { throw Failure(description: "BARITO_TEST_ENGINE names no command") }
    let name = "\(folder)/engine-\(UInt32.random(in: 0 ... .max))"
    let process = try ChildProcess("engine", command, arguments, output: "\(name).out", errors: "\(name).err")
    let status = try await process.waitForExit(within: .seconds(150))
    guard status == 0 else {
      let errors = String(decoding: (contents(ofFile: "\(name).err") ?? []).suffix(1000), as: UTF8.self)
      throw Failure(description: "engine \(arguments.joined(separator: " ")) ended with \(status): \(errors)")
    }
    return String(decoding: process.output, as: UTF8.self)
  }

  /// Starts a server in a folder of its own within `folder`.
  ///
  /// - Returns: its folder, and its end point.
  static func start(
    _ name: String, _ arguments: [String], in folder: String
  ) async throws -> (folder: String, endPoint: String) {
    // On a machine full of other work a JVM may die while it starts. Once is bad luck, twice is a fault.
    var attempt = 1
    while true {
      let home = "\(folder)/\(name)-\(attempt)"
      do {
        let output = try await run(["start", name, home] + arguments, in: folder)
        return (home, output.split(separator: "\n").last.map { String($0) } ?? "")
      } catch {
        _ = try? await run(["stop", home], in: folder)
        if attempt == 2 { throw error }
        attempt += 1
      }
    }
  }

  /// The process of a node of an engine.
  static func pid(ofNode node: Int, in folder: String) throws -> Int32 {
    let text = String(decoding: contents(ofFile: "\(folder)/\(node)/pid") ?? [], as: UTF8.self)
    guard let pid = Int32(text.filter { $0.isNumber }) else {
      throw Failure(description: "the engine wrote no pid of node \(node)")
    }
    return pid
  }
}
