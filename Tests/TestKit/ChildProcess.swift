import Glibc
import Synchronization

/// A program that a test runs: its output goes to a file, and it is gone when the test is.
public final class ChildProcess: Sendable {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  public let name: String
  public let pid: Int32
  /// Holds standard output, and standard error unless that has a file of its own.
  public let outputPath: String
  private let status = Mutex<Int32?>(nil)

  /// - Parameters:
  ///   - environment: all of it; nil is this process's own.
  ///   - output: a file to append to.
  ///   - errors: a file for standard error; nil is the same as `output`.
  public init(
    _ name: String, _ program: String, _ arguments: [String], environment: [String: String]? = nil, output: String,
    errors: String? = nil
  ) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let flags = O_WRONLY | O_CREAT | O_APPEND
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, flags, 0o600)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors ?? output, flags, 0o600)
    // A test's process may have signals blocked or ignored; the program must not inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var all = sigset_t()
    sigfillset(&all)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
    let argv = ([program] + arguments).map { strdup($0) } + [nil]
    let envp = environment.map { $0.map { strdup("\($0.key)=\($0.value)") } + [nil] }
    defer { for text in argv + (envp ?? []) { free(text) } }
    var pid: pid_t = 0
    let result =
      if let envp {
        posix_spawnp(&pid, program, &actions, &attributes, argv, envp)
      } else {
        posix_spawnp(&pid, program, &actions, &attributes, argv, environ)
      }
    guard result == 0 else { throw Failure(description: "cannot run \(program): \(String(cString: strerror(result)))") }
    self.name = name
    self.pid = pid
    outputPath = output
  }

  deinit {
    if exitStatus == nil {
      kill(pid, SIGKILL)
      var ignored: Int32 = 0
      waitpid(pid, &ignored, 0)
    }
  }

  /// The exit status, 128 and the signal's number for one that was killed, nil while it runs.
  public var exitStatus: Int32? {
    status.withLock { status in
      if status != nil { return status }
      var raw: Int32 = 0
      guard waitpid(pid, &raw, WNOHANG) == pid else { return nil }
      let signal = raw & 0x7f
      status = signal == 0 ? (raw >> 8) & 0xff : 128 + signal
      return status
    }
  }

  public func send(_ signal: Int32) { if exitStatus == nil { kill(pid, signal) } }

  /// Waits for the end.
  /// - Throws: `NeverHappened` with the last lines of output.
  @discardableResult
  public func waitForExit(within limit: Duration = .seconds(40)) async throws -> Int32 {
    do {
      try await eventually(within: limit, "\(name) ends") { exitStatus != nil }
    } catch {
      throw Failure(description: "\(error)\n\(lastOutput)")
    }
    return exitStatus ?? -1
  }

  /// Asks it to end and waits; kills it when it does not.
  public func stop(within limit: Duration = .seconds(35)) async {
    send(SIGTERM)
    if (try? await waitForExit(within: limit)) == nil { await killNow() }
  }

  /// Ends it without a word, as a crash does.
  public func killNow() async {
    send(SIGKILL)
    _ = try? await waitForExit(within: .seconds(10))
  }

  public var output: [UInt8] { contents(ofFile: outputPath) ?? [] }

  /// The end of its output, for a failure's message.
  public var lastOutput: String {
    let text = String(decoding: output.suffix(4000), as: UTF8.self)
    return "--- \(name):\n" + text.split(separator: "\n").suffix(15).joined(separator: "\n")
  }
}
