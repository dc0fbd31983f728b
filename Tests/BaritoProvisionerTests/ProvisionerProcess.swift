import Glibc
import Testing

/// The real executable, beside the test bundle.
final class ProvisionerProcess {
  private let pid: pid_t
  private var isRunning = true

  init(_ settings: [String: String]) throws {
    var path = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &path, path.count - 1)
    let own = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let folder = own.split(separator: "/").dropLast().joined(separator: "/")
    let executable = "/\(folder)/barito-provisioner"
    try #require(access(executable, X_OK) == 0, "\(executable) is not built")
    let options = settings.sorted { $0.key < $1.key }.flatMap { ["--\($0.key)", $0.value] }
    let arguments = [executable] + options
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var child: pid_t = 0
    let result = posix_spawn(&child, executable, nil, nil, &pointers, environ)
    try #require(result == 0, "cannot start \(executable): \(String(cString: strerror(result)))")
    pid = child
  }

  deinit { end(SIGKILL) }

  /// Waits for the end.
  @discardableResult
  func end(_ signal: CInt) -> CInt {
    guard isRunning else { return 0 }
    isRunning = false
    kill(pid, signal)
    var status: CInt = 0
    waitpid(pid, &status, 0)
    return status
  }
}
