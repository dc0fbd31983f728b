import Glibc

/// The bytes of a file; nil where there is none.
public func contents(ofFile path: String) -> [UInt8]? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(descriptor, &chunk, chunk.count)
    guard count > 0 else { return bytes }
    bytes += chunk[..<count]
  }
}

/// The value of an environment variable; nil when it is not set or empty.
public func environmentVariable(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}

/// The paths of the entries of a folder, sorted; empty where there is none.
public func entries(ofFolder path: String) -> [String] {
  guard let folder = opendir(path) else { return [] }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append("\(path)/\(name)") }
  }
  return names.sorted()
}

/// A new folder of the test's own below `/tmp`. Remove it with `removeFolder`.
public func makeTemporaryFolder() throws -> String {
  var template = Array("/tmp/barito-test-XXXXXX".utf8CString)
  guard let made = mkdtemp(&template) else {
    throw ChildProcess.Failure(description: "cannot make a folder in /tmp: \(String(cString: strerror(errno)))")
  }
  return String(cString: made)
}

/// Removes a folder of `makeTemporaryFolder` with everything in it.
public func removeFolder(_ path: String) {
  guard path.hasPrefix("/tmp/barito-test-") else { return }
  for entry in entries(ofFolder: path) where unlink(entry) != 0 {
    removeFolder(entry)
  }
  rmdir(path)
}
