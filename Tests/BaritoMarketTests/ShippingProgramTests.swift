import FoundationEssentials
import TestKit
import Testing

@testable import BaritoMarket

/// Programs that read configurations, where they are installed. `make test` names in BARITO_TEST_SHIPPERS where syslog daemons
/// are unpacked.
enum ShippingPrograms {
  static let shippers = environmentVariable("BARITO_TEST_SHIPPERS")
  /// A checkout of fluentd.
  static let fluentd = environmentVariable("FLUENTD_SOURCE")
  static let python = "/usr/bin/python3"
  static let hasYAML = FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/yaml/__init__.py")

  /// rsyslogd, unpacked or installed.
  static let rsyslog: (program: String, modules: String, environment: [String: String]?)? = {
    if let folder = shippers.map({ "\($0)/rsyslog" }) {
      let library = "\(folder)/usr/lib/x86_64-linux-gnu"
      return (
        "\(folder)/usr/sbin/rsyslogd", "\(library)/rsyslog",
        ["LD_LIBRARY_PATH": "\(library):\(folder)/lib/x86_64-linux-gnu"]
      )
    }
    let installed = "/usr/sbin/rsyslogd"
    return FileManager.default.fileExists(atPath: installed)
      ? (installed, "/usr/lib/x86_64-linux-gnu/rsyslog", nil) : nil
  }()

  static let syslogNG: (program: String, environment: [String: String]?)? = {
    if let folder = shippers.map({ "\($0)/syslog-ng" }) {
      let libraries = ["usr/lib/syslog-ng", "usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"]
      return (
        "\(folder)/usr/sbin/syslog-ng",
        [
          "LD_LIBRARY_PATH": libraries.map { "\(folder)/\($0)" }.joined(separator: ":"),
          "SYSLOGNG_PREFIX": "\(folder)/usr",
        ]
      )
    }
    let installed = "/usr/sbin/syslog-ng"
    return FileManager.default.fileExists(atPath: installed) ? (installed, nil) : nil
  }()
}

/// What reads the configurations says of them.
@Suite(.timeLimit(.minutes(2))) struct ShippingProgramTests {
  static let cases: [ShippingValues] = [.ordinary, .plain, .nasty]

  @Test(
    "YAML gives the values back as they are", .enabled(if: ShippingPrograms.hasYAML, "python3-yaml is not installed"))
  func yaml() async throws {
    for values in Self.cases {
      try await expect(
        "fluent-bit.yaml", values, "['pipeline']['outputs'][0]['header']", "X-App-Secret \(values.secret)")
      for (file, place) in [
        ("vector.yaml", "['sinks']['barito']['request']['headers']['X-App-Secret']"),
        ("filebeat.yml", "['output.elasticsearch']['password']"),
        ("promtail.yaml", "['clients'][0]['basic_auth']['password']"),
      ] { try await expect(file, values, place, values.secret) }
      try await expect(
        "otel-collector.yaml", values, "['exporters']['otlphttp/barito']['headers']['Authorization']",
        "Bearer \(values.secret)")
      try await expect("filebeat.yml", values, "['output.elasticsearch']['username']", values.appName)
      try await expect("promtail.yaml", values, "['clients'][0]['external_labels']['app']", values.appName)
    }
  }

  /// Reads a value of a filled-in file as the shipper would, `$$` being a dollar where it expands variables.
  private func expect(_ file: String, _ values: ShippingValues, _ place: String, _ expected: String) async throws {
    let guide = try #require(ShippingGuide.all.first { $0.file == file })
    let dollar = guide.quoting == .expanded ? ".replace('$$', '$')" : ""
    let script = """
      import sys, yaml
      sys.stdout.reconfigure(encoding="utf-8")
      print(yaml.safe_load(open(sys.argv[1], encoding="utf-8"))\(place)\(dollar), end="")
      """
    try await run(guide, values) { path in
      (ShippingPrograms.python, ["-c", script, path], nil)
    } check: {
      #expect($0 == expected)
    }
  }

  @Test("Python compiles it and reads the secret as it is") func pythonScript() async throws {
    let script = """
      import ast, sys
      for node in ast.parse(open(sys.argv[1], encoding="utf-8").read()).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "SECRET": print(node.value.value, end="")
      """
    for values in Self.cases {
      try await run("python.py", values) {
        (ShippingPrograms.python, ["-c", script, $0], nil)
      } check: {
        #expect($0 == values.secret)
      }
    }
  }

  @Test("a shell gives curl the values as they are") func curl() async throws {
    let script = #"curl() { printf '%s\n' "$@"; }; . "$1""#
    for values in Self.cases {
      try await run("curl.sh", values) {
        ("/bin/sh", ["-c", script, "sh", $0], nil)
      } check: {
        #expect($0.contains("X-App-Secret: \(values.secret)\n"))
        #expect($0.hasSuffix("\(values.router.produceURL)\n"))
      }
    }
  }

  @Test(
    "rsyslog takes them",
    .enabled(if: ShippingPrograms.rsyslog != nil, "rsyslog is not installed: make test unpacks it"),
    arguments: ["rsyslog.conf", "rsyslog-http.conf"])
  func rsyslog(file: String) async throws {
    let rsyslog = try #require(ShippingPrograms.rsyslog)
    for values in Self.cases {
      try await run(file, values) { path in
        (rsyslog.program, ["-N1", "-M", rsyslog.modules, "-f", path], rsyslog.environment)
      } check: {
        #expect(!$0.contains("error"), "\($0)")
      }
    }
  }

  @Test(
    "syslog-ng takes them",
    .enabled(if: ShippingPrograms.syslogNG != nil, "syslog-ng is not installed: make test unpacks it"),
    arguments: ["syslog-ng.conf", "syslog-ng-http.conf"])
  func syslogNG(file: String) async throws {
    let syslogNG = try #require(ShippingPrograms.syslogNG)
    for values in Self.cases {
      try await run(file, values, before: "@version: 3.38\nsource s_src { internal(); };\n") { path in
        (syslogNG.program, ["--syntax-only", "--no-caps", "--cfgfile", path], syslogNG.environment)
      } check: {
        #expect(!$0.lowercased().contains("error"), "\($0)")
      }
    }
  }

  @Test(
    "fluentd takes them", .enabled(if: ShippingPrograms.fluentd != nil, "FLUENTD_SOURCE names no checkout of fluentd"),
    arguments: ["fluentd-out-http.conf", "fluentd-plugin.conf", "fluentd-forward.conf"])
  func fluentd(file: String) async throws {
    let source = try #require(ShippingPrograms.fluentd)
    let plugins = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Clients/fluent-plugin-barito/lib/fluent/plugin").path
    for values in Self.cases {
      let folder = try makeTemporaryFolder()
      defer { removeFolder(folder) }
      try await run(file, values, replacing: ("/var/lib/fluentd", folder)) { path in
        (
          "/usr/bin/ruby",
          [
            "-Eascii-8bit:ascii-8bit", "-I\(source)/lib", "\(source)/bin/fluentd", "--dry-run", "-c", path, "-p",
            plugins,
          ],
          nil
        )
      } check: {
        #expect($0.contains("finished dry run mode"), "\($0)")
      }
    }
  }

  private func run(
    _ file: String, _ values: ShippingValues, before: String = "", replacing: (String, String)? = nil,
    _ command: (String) -> (String, [String], [String: String]?), check: (String) -> Void
  ) async throws {
    let guide = try #require(ShippingGuide.all.first { $0.file == file })
    try await run(guide, values, before: before, replacing: replacing, command, check: check)
  }

  /// Runs a program on a filled-in file to its end, which must be a good one, and looks at what it printed.
  private func run(
    _ guide: ShippingGuide, _ values: ShippingValues, before: String = "", replacing: (String, String)? = nil,
    _ command: (String) -> (String, [String], [String: String]?), check: (String) -> Void
  ) async throws {
    let folder = try makeTemporaryFolder()
    defer { removeFolder(folder) }
    let path = "\(folder)/\(guide.file)"
    var text = before + guide.filled(with: values).text + "\n"
    if let (old, new) = replacing {
      text = text.split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
    try Data(text.utf8).write(to: URL(filePath: path))
    let (program, arguments, environment) = command(path)
    let process = try ChildProcess(
      guide.file, program, arguments, environment: environment, output: "\(folder)/out")
    let status = try await process.waitForExit()
    let output = String(decoding: process.output, as: UTF8.self)
    #expect(status == 0, "\(guide.file), app \(values.appName)\n\(output)\n\(text)")
    check(output)
  }
}
