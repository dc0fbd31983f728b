import BaritoCore
import Blocking
import FoundationEssentials

/// The last profiles that were heard, on disk, so that a service starts while Market is down (promise 4).
actor SnapshotFile {
  private nonisolated let executor = BlockingExecutor(label: "barito.snapshot")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let path: String

  init(path: String) { self.path = path }

  /// - Returns: nil when there is no file yet.
  /// - Throws: when it cannot be read or is no snapshot.
  func read() throws -> ProfilePage? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let data = try Data(contentsOf: URL(filePath: path))
    return try WireJSON.decode(ProfilePage.self, from: [UInt8](data))
  }

  /// Replaces the file whole: a reader finds the old one or the new one. Only this user may read it.
  func write(_ page: ProfilePage) throws {
    let url = URL(filePath: path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(try WireJSON.encode(page)).write(to: url, options: .atomic)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
  }
}
