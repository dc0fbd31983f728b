import FoundationEssentials
import TestKit
import Testing

/// Syslog with senders that know nothing of Barito.
@Suite(.timeLimit(.minutes(3)), .needsForeignClients) struct SyslogTests {
  private static let address = "syslog.address"

  /// Members whose values are the sender's host and moment.
  private let ofHost: Set<String> = ["@timestamp", "host"]

  private func element(_ test: ShippingTest) -> String { #"[barito@32473 secret="\#(test.secret)"]"# }

  @Test(
    "logger(1) sends by both standards and both framings",
    arguments: [["--rfc5424"], ["--rfc5424", "--octet-count"], ["--rfc3164"], ["--rfc3164", "--octet-count"]])
  func logger(options: [String]) async throws {
    try await ShippingTest.run(listening: [Self.address]) { test in
      let isNew = options.contains("--rfc5424")
      let all =
        ["-n", "127.0.0.1", "-P", "\(test.port(Self.address))", "-T", "-t", "shop", "-p", "local0.warning"] + options
        + (isNew ? ["--sd-id", "barito@32473", "--sd-param", #"secret="\#(test.secret)""#] : [])
      for number in 0..<3 {
        let text = "line \(number) é \"q\""
        try await test.run("logger", "logger", all + ["--", isNew ? text : element(test) + " " + text])
      }
      let expected = (0..<3).map {
        [
          "level": "warning", "severity": 4, "facility": "local0", "program": "shop",
          "message": .string("line \($0) é \"q\""),
        ] as JSON
      }
      // The newer one tells how good its clock is.
      try await test.expect(expected, besides: isNew ? ofHost.union(["sd"]) : ofHost)
    }
  }

  @Test(
    "rsyslog's omfwd sends by both standards and both framings", arguments: ["traditional", "octet-counted"],
    [true, false])
  func rsyslog(framing: String, isNew: Bool) async throws {
    try await ShippingTest.run(listening: [Self.address]) { test in
      try await forward(from: test, framing: framing, isNew: isNew, more: "")
    }
  }

  @Test("rsyslog's omfwd sends by TLS")
  func tls() async throws {
    let folder = try makeTemporaryFolder()
    let (certificate, key) = ("\(folder)/certificate.pem", "\(folder)/key.pem")
    let made = try ChildProcess(
      "openssl", "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout",
        key, "-out", certificate, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1,DNS:router.test",
      ], output: "\(folder)/openssl.txt")
    let status = try await made.waitForExit()
    try #require(status == 0, "\(made.lastOutput)")
    let settings = ["syslog.tls-certificate": certificate, "syslog.tls-key": key]
    try await ShippingTest.run(listening: [Self.address], settings: settings) { test in
      try await forward(
        from: test, framing: "octet-counted", isNew: true,
        more: """
          StreamDriver="ossl" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="router.test"
          """, global: #"global(DefaultNetstreamDriverCAFile="\#(certificate)")"#)
    }
    removeFolder(folder)
  }

  /// Sends a file's lines, and expects their documents.
  private func forward(
    from test: ShippingTest, framing: String, isNew: Bool, more: String, global: String = ""
  ) async throws {
    let lines = (0..<300).map { "line \($0) \"é\"" }
    let log = try test.write("app.log", lines.map { $0 + "\n" }.joined())
    let quoted = element(test).replacing("\"", with: "\\\"")
    let end = framing == "traditional" ? "\\n" : ""
    let form =
      isNew
      ? "<%PRI%>1 %TIMESTAMP:::date-rfc3339% %HOSTNAME% %APP-NAME% %PROCID% %MSGID% \(quoted)%msg:::sp-if-no-1st-sp%%msg%\(end)"
      : "<%PRI%>%TIMESTAMP% %HOSTNAME% %syslogtag% \(quoted)%msg:::sp-if-no-1st-sp%%msg%\(end)"
    try test.rsyslog(
      """
      \(global)
      module(load="imfile")
      template(name="barito" type="string" string="\(form)")
      input(type="imfile" File="\(log)" Tag="shop:" Facility="local0" Severity="warning" ruleset="out")
      ruleset(name="out") {
        action(type="omfwd" target="127.0.0.1" port="\(test.port(Self.address))" protocol="tcp" template="barito"
          TCP_Framing="\(framing)" \(more))
      }
      """)
    let expected = lines.map {
      [
        "level": "warning", "severity": 4, "facility": "local0", "program": "shop", "message": .string($0),
      ] as JSON
    }
    try await test.expect(expected, besides: ofHost)
  }
}
