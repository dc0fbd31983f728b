import BaritoCore
import Blocking
import FoundationEssentials

/// The last profiles that were heard, on disk, so that a service starts while Market is down (promise 4).
struct SnapshotFile: Sendable {
  private let thread = BlockingThread(label: "barito.snapshot")
  private let path: String

  init(path: String) { self.path = path }

  /// - Returns: nil when there is no file yet.
  /// - Throws: when it cannot be read or is no snapshot.
  func read() async throws -> ProfilePage? {
    try await thread.run { [path] in try SnapshotFile.read(path) }
  }

  /// Replaces the file whole: a reader finds the old one or the new one. Only this user may read it.
  func write(_ page: ProfilePage) async throws {
    try await thread.run { [path] in try SnapshotFile.write(page, path) }
  }

  private static func read(_ path: String) throws -> ProfilePage? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let data = try Data(contentsOf: URL(filePath: path))
    return try ProfileSnapshot.decode([UInt8](data))
  }

  private static func write(_ page: ProfilePage, _ path: String) throws {
    let url = URL(filePath: path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(try ProfileSnapshot.encode(page)).write(to: url, options: .atomic)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
  }
}
