import FoundationEssentials

/// Cases that an official Python package made: a committed file of them, and the program that made it, both in the folder
/// `Fixtures` beside the test.
///
/// A program runs with `$BARITO_TEST_PYTHON`, or `python3`; the tests that run it are skipped where its package is missing.
public enum OracleFixture {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  static let python = environmentVariable("BARITO_TEST_PYTHON") ?? "python3"

  /// The cases of a committed file, which names its maker in its first line.
  public static func cases<Case: Decodable>(
    _ type: Case.Type, in file: String, besides test: String = #filePath
  ) throws -> [Case] {
    try decode(type, lines: contents(ofFile: "\(folder(of: test))/\(file)") ?? [], dropping: 1)
  }

  /// Whether the Python program can import `module`.
  public static func canImport(_ module: String) async -> Bool {
    guard let folder = try? makeTemporaryFolder() else { return false }
    defer { removeFolder(folder) }
    let arguments = ["-c", "import \(module)"]
    let child = try? ChildProcess("python", python, arguments, output: "\(folder)/out")
    return (try? await child?.waitForExit(within: .seconds(30))) == 0
  }

  /// Cases that a program makes now of a seed.
  public static func random<Case: Decodable>(
    _ type: Case.Type, program: String, seed: UInt64, count: Int, besides test: String = #filePath
  ) async throws -> [Case] {
    let scratch = try makeTemporaryFolder()
    defer { removeFolder(scratch) }
    let child = try ChildProcess(
      program, python, ["\(folder(of: test))/\(program)", "--random", "\(seed)", "\(count)"], output: "\(scratch)/out",
      errors: "\(scratch)/errors")
    let status = try await child.waitForExit()
    guard status == 0 else {
      let errors = String(decoding: contents(ofFile: "\(scratch)/errors") ?? [], as: UTF8.self)
      throw Failure(description: "\(program) ended with \(status): \(errors)")
    }
    return try decode(type, lines: child.output, dropping: 0)
  }

  /// Bytes written as hexadecimal digits.
  public static func bytes(hex: String) -> [UInt8] {
    let digits = hex.utf8.map { $0 < 0x3A ? $0 - 0x30 : $0 - 0x57 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  private static func folder(of test: String) -> String {
    "/" + test.split(separator: "/").dropLast().joined(separator: "/") + "/Fixtures"
  }

  private static func decode<Case: Decodable>(
    _ type: Case.Type, lines: [UInt8], dropping count: Int
  ) throws -> [Case] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try lines.split(separator: 0x0A).dropFirst(count).map { try decoder.decode(type, from: Data($0)) }
  }
}
