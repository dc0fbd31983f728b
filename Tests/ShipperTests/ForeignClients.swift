import TestKit
import Testing

/// Clients that are not ours, where `make test` put them (`deploy/local/shippers.py`).
enum ForeignClients {
  /// nil where they could not be installed.
  static let folder = environmentVariable("BARITO_TEST_SHIPPERS")

  static var areHere: Bool { folder != nil }

  /// A checkout of fluentd, such as v1.15.3, which runs with Debian's gems; nil leaves its tests out.
  static let fluentd = environmentVariable("FLUENTD_SOURCE")

  static var python: String { path("python/bin/python") }

  /// rsyslogd, and what finds its libraries and modules.
  static var rsyslog: (program: String, modules: String, environment: [String: String]) {
    (
      path("rsyslog/usr/sbin/rsyslogd"), path("rsyslog/usr/lib/x86_64-linux-gnu/rsyslog"),
      environment(libraries: ["rsyslog/usr/lib/x86_64-linux-gnu", "rsyslog/lib/x86_64-linux-gnu"])
    )
  }

  /// syslog-ng, and what finds its libraries, modules and the configuration library.
  static var syslogNG: (program: String, library: String, environment: [String: String]) {
    var environment = environment(
      libraries: [
        "syslog-ng/usr/lib/syslog-ng", "syslog-ng/usr/lib/x86_64-linux-gnu", "syslog-ng/lib/x86_64-linux-gnu",
      ])
    environment["SYSLOGNG_PREFIX"] = path("syslog-ng/usr")
    return (path("syslog-ng/usr/sbin/syslog-ng"), path("syslog-ng/etc/syslog-ng/scl.conf"), environment)
  }

  static let path = environmentVariable("PATH") ?? "/usr/bin:/bin"

  private static func path(_ relative: String) -> String { "\(folder ?? "")/\(relative)" }

  private static func environment(libraries: [String]) -> [String: String] {
    ["PATH": path, "LD_LIBRARY_PATH": libraries.map { path($0) }.joined(separator: ":")]
  }
}

extension Trait where Self == ConditionTrait {
  /// Leaves a test out where the clients are not installed. On CI they must be: see `HarnessTests`.
  static var needsForeignClients: Self {
    .enabled(if: ForeignClients.areHere, "clients that are not ours are not installed: make test does that")
  }
}
