import Settings
import Testing

/// A configuration as a service would have one.
private struct Example {
  static let brokers = Setting(required: "kafka.brokers", [Address].self, "Where Kafka listens.")
  static let properties = SettingFamily("kafka.property", "Passed to librdkafka.")
  static let workers = Setting("index.workers", Int.self, in: 1...64, default: 4, "Requests under way at once.")
  static let linger = Setting("index.linger", Duration.self, default: .milliseconds(500), "How long to wait.")
  static let maxLine = Setting("ingest.max-line", ByteCount.self, default: .mebibytes(1), "The longest line.")
  static let maxBody = Setting("ingest.max-body", ByteCount.self, default: .mebibytes(8), "The longest body.")
  static let token = Setting("service.token", String?.self, default: nil, secret: true, "Proves who we are.")
  static let dryRun = Setting("dry-run", Bool.self, default: false, "Writes nothing.")
  static let mode = Setting("mode", Mode.self, default: .careful, "How to go about it.")

  static let program = Program(
    "barito-example", "Shows how it is done.", version: "1.2.3", environmentPrefix: "BARITO",
    settings: [brokers, properties, workers, linger, maxLine, maxBody, token, dryRun, mode], isConfigurable: true)

  var maxLine: ByteCount

  init(_ settings: SettingsReader) throws(SettingsErrors) {
    maxLine = settings[Self.maxLine]
    let maxBody = settings[Self.maxBody]
    let maxLine = maxLine
    try settings.verify { rules in
      rules.require(
        maxLine <= maxBody, Self.maxLine, "is larger than ingest.max-body", remedy: "lower it or raise ingest.max-body")
    }
  }
}

private struct NoSuchFile: Error, CustomStringConvertible {
  var description: String { "no such file" }
}

/// Runs the program and gives its reader, or the text that it would print.
private func start(
  _ arguments: [String], environment: [String: String] = [:], files: [String: String] = [:]
) throws(SettingsErrors) -> (reader: SettingsReader?, printed: String) {
  let invocation = try Example.program.start(
    arguments: arguments, environment: environment,
    readFile: { path in
      guard let text = files[path] else { throw NoSuchFile() }
      return text
    },
    configure: { (reader) throws(SettingsErrors) in try Example(reader) })
  switch invocation {
  case .run(_, let reader): return (reader, "")
  case .print(let text): return (nil, text)
  }
}

private func problems(
  _ arguments: [String], environment: [String: String] = [:], files: [String: String] = [:]
) -> [String] {
  do {
    _ = try start(arguments, environment: environment, files: files)
    return []
  } catch {
    return error.problems.map(\.description)
  }
}

@Suite("Program settings")
struct ProgramTests {
  let brokers = "--kafka-brokers=a:1"

  @Test("arguments win over environment over file over default")
  func precedence() throws {
    let files = ["c": "index.workers = 3\nindex.linger = 3s\n\n# comment\nmode = fast # why\nkafka.brokers = f:1,g:2"]
    let environment = ["BARITO_CONFIG": "c", "BARITO_INDEX_WORKERS": "2", "BARITO_INDEX_LINGER": "2s"]
    let (reader, _) = try start(["--index-workers", "1"], environment: environment, files: files)
    let settings = try #require(reader)
    #expect(settings[Example.workers] == 1)
    #expect(settings[Example.linger] == .seconds(2))
    #expect(settings[Example.mode] == .fast)
    #expect(settings[Example.brokers] == [Address("f", 1), Address("g", 2)])
    #expect(settings[Example.maxLine] == .mebibytes(1))
    #expect(settings.origin(of: Example.workers) == "argument --index-workers")
    #expect(settings.origin(of: Example.linger) == "environment BARITO_INDEX_LINGER")
    #expect(settings.origin(of: Example.mode) == "c line 5")
    #expect(settings.origin(of: Example.maxLine) == nil)
    #expect(!settings.isGiven(Example.maxLine))
  }

  @Test("--config wins over the environment's")
  func configArgument() throws {
    let files = ["a": "index.workers = 3", "b": "index.workers = 5"]
    let (reader, _) = try start([brokers, "--config", "b"], environment: ["BARITO_CONFIG": "a"], files: files)
    #expect(reader?[Example.workers] == 5)
  }

  @Test("an empty environment variable counts as absent")
  func emptyVariable() throws {
    let (reader, _) = try start([brokers], environment: ["BARITO_INDEX_WORKERS": "", "BARITO_CONFIG": ""])
    #expect(reader?[Example.workers] == 4)
  }

  @Test("every error is reported at once, with where it came from and how to mend it")
  func allErrors() {
    let found = problems(
      ["--index-workers=99", "--idnex-linger=1s"], environment: ["BARITO_MODE": "slow", "BARITO_INDEX_LINGER": "5"],
      files: [:])
    #expect(
      found == [
        "--idnex-linger: is not an option; did you mean --index-linger?",
        "kafka.brokers: is required and not given; give --kafka-brokers=<host:port,…> or set BARITO_KAFKA_BROKERS",
        "index.workers (argument --index-workers): \"99\" is out of range; write something from 1 to 64",
        "index.linger (environment BARITO_INDEX_LINGER): \"5\" has no unit; "
          + "write a number with its unit (ms, s, m, h, d), such as 30s, 500ms or 1h30m",
        "mode (environment BARITO_MODE): \"slow\" is not one of the choices; write fast, careful",
      ])
  }

  @Test("the report has a heading and a line for each problem")
  func report() {
    let errors = SettingsErrors([.init("a", "is wrong", remedy: "mend it"), .init("b", "too", remedy: "as well")])
    #expect(errors.description == "2 settings are wrong:\n  a: is wrong; mend it\n  b: too; as well")
    #expect(SettingsErrors([errors.problems[0]]).description == "A setting is wrong:\n  a: is wrong; mend it")
  }

  @Test("rules between settings name the setting and its source")
  func rules() {
    #expect(
      problems([brokers, "--ingest-max-line=9MiB"]) == [
        "ingest.max-line (argument --ingest-max-line): is larger than ingest.max-body; lower it or raise ingest.max-body"
      ])
  }

  @Test("a secret can be given in a file, by argument, environment or configuration file")
  func secretFile() throws {
    let files = ["t": "s3cret\n", "c": "service.token.file = t"]
    for (arguments, environment) in [
      (["--service-token-file", "t"], [:]), ([], ["BARITO_SERVICE_TOKEN_FILE": "t"]), (["--config=c"], [:]),
    ] as [([String], [String: String])] {
      let (reader, _) = try start([brokers] + arguments, environment: environment, files: files)
      #expect(reader?[Example.token] == "s3cret")
    }
    #expect(try start([brokers]).reader?[Example.token] == nil as String?)
  }

  @Test("a secret's file that cannot be read is an error")
  func missingSecretFile() {
    #expect(
      problems([brokers, "--service-token-file=gone"]) == [
        "service.token.file (argument --service-token-file): names the file gone, which cannot be read: no such file; "
          + "check its name and permissions"
      ])
  }

  @Test("a secret given twice in one source is an error, in two sources the first one wins")
  func secretTwice() throws {
    let files = ["t": "from file"]
    #expect(problems([brokers, "--service-token=a", "--service-token-file=t"], files: files).count == 1)
    let (reader, _) = try start(
      [brokers, "--service-token-file=t"], environment: ["BARITO_SERVICE_TOKEN": "env"], files: files)
    #expect(reader?[Example.token] == "from file")
  }

  @Test("a wrong secret is not repeated in the report")
  func secretInReport() {
    let secret = Setting(required: "pin", Int.self, secret: true, "A number.")
    let program = Program("x", "Y.", settings: [secret])
    let error = #expect(throws: SettingsErrors.self) {
      try program.start(arguments: ["--pin=hunter2"], environment: [:], readFile: { _ in "" })
    }
    #expect(error?.description.contains("hunter2") == false)
    #expect(error?.problems.first?.what == "the secret is not a whole number")
  }

  @Test("a family passes names through from every source")
  func family() throws {
    let (reader, _) = try start(
      [brokers, "--kafka-property", "acks=all", "--kafka-property=sasl.password=a=b", "--config=c"],
      environment: ["BARITO_KAFKA_PROPERTY_LINGER_MS": "5", "BARITO_KAFKA_PROPERTY_ACKS": "1"],
      files: ["c": "kafka.property.client.id = me\nkafka.property.linger.ms = 7"])
    #expect(
      reader?[Example.properties] == ["acks": "all", "sasl.password": "a=b", "linger.ms": "5", "client.id": "me"])
    #expect(reader?.isGiven(Example.properties) == true)
    #expect(try start([brokers]).reader?[Example.properties] == [:])
    #expect(problems([brokers, "--kafka-property", "acks"]).count == 1)
  }

  @Test("flags need no value, and can be denied")
  func flags() throws {
    #expect(try start([brokers, "--dry-run"]).reader?[Example.dryRun] == true)
    #expect(try start([brokers, "--dry-run=false"]).reader?[Example.dryRun] == false)
    #expect(
      try start([brokers, "--no-dry-run"], environment: ["BARITO_DRY_RUN": "1"]).reader?[Example.dryRun] == false)
    #expect(problems([brokers, "--no-mode"]).count == 1)
  }

  @Test("an option without its value is reported, not given the next option")
  func missingValue() {
    #expect(
      problems([brokers, "--index-workers", "--dry-run"]) == [
        "--index-workers: has no value; write --index-workers=VALUE"
      ])
    #expect(problems([brokers, "--index-workers"]).count == 1)
    #expect(problems([brokers, "--config"]).count == 1)
  }

  @Test("a repeated option adds to a list and replaces a value")
  func repeated() throws {
    let (reader, _) = try start(["--kafka-brokers=a:1", "--kafka-brokers", "b:2,c:3", "--mode=fast", "--mode=careful"])
    #expect(reader?[Example.brokers].map(\.host) == ["a", "b", "c"])
    #expect(reader?[Example.mode] == .careful)
  }

  @Test("the configuration file's unknown keys, broken lines and repetitions are reported with their lines")
  func fileErrors() {
    let text = "kafka.brokers = a:1\nindex.worker = 1\nnonsense\nmode = fast\nmode = fast\nindex.linger = \"1s\nzzz = 1"
    #expect(
      problems(["--config=c"], files: ["c": text]) == [
        "a line (c line 3): is not a setting; write key = value",
        "mode (c line 5): is given twice, first in line 4; remove one of them",
        "index.linger (c line 6): has a quote that does not end; write key = \"value\"",
        "index.worker (c line 2): is not a setting; did you mean index.workers?",
        "zzz (c line 7): is not a setting; see --help",
      ])
  }

  @Test("a configuration file that cannot be read is an error that names it")
  func missingFile() {
    #expect(
      problems([brokers], environment: ["BARITO_CONFIG": "/etc/x"]) == [
        "config (environment BARITO_CONFIG): names the file /etc/x, which cannot be read: no such file; "
          + "check its name and permissions"
      ])
  }

  @Test(
    "values of a file keep what is quoted and lose comments",
    arguments: [
      ("a b", "a b"), ("a # c", "a"), ("a#b", "a#b"), ("\" a # b \" # c", " a # b "), (#""q\"\\""#, #"q"\"#),
      ("# c", ""), ("a=b", "a=b"),
    ])
  func fileValues(text: String, value: String) throws {
    let setting = Setting("x", String.self, default: "none", "X.")
    let program = Program("p", "P.", settings: [setting], isConfigurable: true)
    let invocation = try program.start(
      arguments: ["--config=f"], environment: [:], readFile: { _ in "x = \(text)\r\n" })
    guard case .run(_, let reader) = invocation else {
      Issue.record("did not run")
      return
    }
    #expect(reader[setting] == value)
  }

  @Test("tests of configurations give values by key")
  func readerForTests() throws {
    let reader = try Example.program.reader(["kafka.brokers": "a:1", "service.token": "a \"b\" # \\c"])
    #expect(reader[Example.token] == "a \"b\" # \\c")
    #expect(throws: SettingsErrors.self) { try Example.program.reader(["kafka.broker": "a:1"]) }
  }

  @Test("--help works whatever else is wrong, and shows options, defaults and names")
  func help() throws {
    let text = try start(["--nonsense", "--help"]).printed
    #expect(text.hasPrefix("Shows how it is done.\n\nUsage: barito-example [options]\n"))
    #expect(text.contains("  --kafka-brokers <host:port,…>\n      Where Kafka listens. [required]\n"))
    #expect(text.contains("  --index-workers <number, 1 to 64>\n      Requests under way at once. [default 4]\n"))
    #expect(text.contains("  --dry-run\n      Writes nothing.\n"))
    #expect(text.contains("--service-token-file"))
    #expect(text.contains("BARITO_A_B"))
    #expect(text.contains("--check-config"))
    #expect(try start(["-h"]).printed == (try start(["--help"]).printed))
  }

  @Test("--version prints name and version")
  func version() throws {
    #expect(try start(["--version"]).printed == "barito-example 1.2.3\n")
  }

  @Test("--check-config says whether all is well, rules between settings included")
  func checkConfig() throws {
    #expect(try start([brokers, "--check-config"]).printed == "The configuration is valid.\n")
    #expect(problems(["--check-config"]).count == 1)
    #expect(problems([brokers, "--check-config", "--ingest-max-line=1GiB"]).count == 1)
  }

  @Test("--print-config shows each value and its source, and masks secrets")
  func printConfig() throws {
    let text = try start(
      [brokers, "--print-config", "--service-token=s3cret", "--kafka-property=sasl.password=s3cret"],
      environment: ["BARITO_KAFKA_PROPERTY_LINGER_MS": "5"]
    ).printed
    #expect(
      text == """
        kafka.brokers = a:1  # argument --kafka-brokers
        kafka.property.linger.ms = 5  # environment BARITO_KAFKA_PROPERTY_LINGER_MS
        kafka.property.sasl.password = ********  # argument --kafka-property
        index.workers = 4  # default
        index.linger = 500ms  # default
        ingest.max-line = 1MiB  # default
        ingest.max-body = 8MiB  # default
        service.token = ********  # argument --service-token
        dry-run = false  # default
        mode = careful  # default

        """)
  }

  @Test("--print-config-table is Markdown, the same as the program's own table")
  func table() throws {
    let text = try start(["--print-config-table"]).printed
    #expect(text == Example.program.configurationTable())
    let lines = text.split(separator: "\n")
    #expect(lines.count == 11)
    #expect(lines[2] == "| `kafka.brokers` | `BARITO_KAFKA_BROKERS` | host:port,… | required | Where Kafka listens. |")
    #expect(
      lines[3]
        == "| `kafka.property.*` | `BARITO_KAFKA_PROPERTY_*` | name=value |  | Passed to librdkafka. |")
    #expect(lines[8] == "| `service.token` | `BARITO_SERVICE_TOKEN` | text |  | Proves who we are. Secret. |")
    #expect(lines[10] == "| `mode` | `BARITO_MODE` | fast\\|careful | `careful` | How to go about it. |")
  }
}
