import CProcess
import Glibc

/// A process that the benchmark started, in a process group of its own, and stops by its number.
final class ChildProcess {
  let name: String
  let pid: pid_t
  private let output: CInt
  private let log: String
  private var unread: [UInt8] = []
  private var status: CInt?

  /// - Parameters:
  ///   - log: the file that takes standard error.
  ///   - environment: all of it.
  init(_ name: String, _ program: String, _ arguments: [String], environment: [String: String], log: String) throws {
    self.name = name
    self.log = log
    var ends: [CInt] = [0, 0]
    guard pipe(&ends) == 0 else { throw BenchError("cannot make a pipe: \(systemError())") }
    output = ends[0]
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[1]) }

    var files = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&files)
    defer { posix_spawn_file_actions_destroy(&files) }
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Ctrl-C reaches only us, and we stop the others in order.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))

    let words = ([program] + arguments).map { strdup($0) }
    let settings = environment.map { strdup("\($0.key)=\($0.value)") }
    defer { for word in words + settings { free(word) } }
    var pid: pid_t = 0
    let error = posix_spawn(&pid, program, &files, &attributes, words + [nil], settings + [nil])
    guard error == 0 else {
      close(ends[0])
      throw BenchError("cannot start \(program): \(String(cString: strerror(error)))")
    }
    self.pid = pid
  }

  deinit { close(output) }

  /// The next line of its standard output.
  func readLine(within limit: Duration) throws -> String {
    let deadline = ContinuousClock.now + limit
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        defer { unread.removeSubrange(...end) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      try Interruption.check()
      guard ContinuousClock.now < deadline else { throw BenchError("\(name) said nothing for \(limit)") }
      var descriptor = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard poll(&descriptor, 1, 50) > 0 else { continue }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = read(output, &buffer, buffer.count)
      if count > 0 { unread += buffer[..<count] } else if count == 0 { throw failure() }
    }
  }

  /// The report that it prints.
  func report(within limit: Duration) throws -> Report {
    let line = try readLine(within: limit)
    guard let report = Report(line: line) else { throw BenchError("\(name) said: \(line)") }
    return report
  }

  /// Waits until it has ended with success.
  func finish(within limit: Duration = .seconds(30)) throws {
    let deadline = ContinuousClock.now + limit
    while !hasEnded {
      try Interruption.check()
      guard ContinuousClock.now < deadline else { throw BenchError("\(name) does not end") }
      usleep(5_000)
    }
    guard status == 0 else { throw failure() }
  }

  /// Waits until it has ended, however it did.
  func awaitEnd(within limit: Duration) {
    let deadline = ContinuousClock.now + limit
    while !hasEnded, ContinuousClock.now < deadline { usleep(10_000) }
  }

  /// Throws when it has ended, which it should not have.
  func checkAlive() throws { if hasEnded { throw failure() } }

  /// SIGTERM, and SIGKILL after the limit. Does nothing when it has ended.
  func stop(within limit: Duration = .seconds(15)) {
    guard !hasEnded else { return }
    kill(pid, SIGTERM)
    let deadline = ContinuousClock.now + limit
    while !hasEnded {
      if ContinuousClock.now >= deadline { kill(pid, SIGKILL) }
      usleep(10_000)
    }
  }

  /// Whether it is there no more. Its number may be anybody's from then on.
  private var hasEnded: Bool {
    if status != nil { return true }
    var code: CInt = 0
    guard waitpid(pid, &code, WNOHANG) == pid else { return false }
    status = code
    return true
  }

  private func failure() -> BenchError {
    let tail = (try? TextFile.read(log))?.split(separator: "\n").suffix(8).joined(separator: "\n") ?? ""
    return BenchError("\(name) has ended; the end of its log (\(log)):\n\(tail)")
  }
}
