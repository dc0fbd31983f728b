/// A reference configuration of a shipper: a file of `docs/shipping`, which is part of the program, shown with an app's
/// values filled in.
///
/// A file begins with a comment that names the app. The comments after it tell what to do with the file, and stand above
/// it on the page. A line that ends in the comment `only with TLS` is left out where the port speaks plain TCP.
struct ShippingGuide: Sendable {
  /// Which of the Router's ports it sends to.
  enum Port: Sendable { case http, forward, syslog }

  /// A file with values filled in.
  struct Filled: Sendable, Equatable {
    /// What to do with it.
    var note: String
    /// What to paste.
    var text: String
  }

  /// The shipper.
  var title: String
  /// The name of the file.
  var file: String
  var port: Port
  var quoting: Quoting
  /// The file's text, with placeholders such as `${BARITO_URL}`.
  var template: String

  private init(_ title: String, _ file: String, _ bytes: [UInt8], _ quoting: Quoting, to port: Port = .http) {
    self.title = title
    self.file = file
    self.port = port
    self.quoting = quoting
    template = String(decoding: bytes, as: UTF8.self)
  }

  /// All of them, in the order in which they are offered.
  static let all: [ShippingGuide] = [
    ShippingGuide("fluentd", "fluentd-out-http.conf", PackageResources.fluentd_out_http_conf, .fluentd),
    ShippingGuide("fluentd, our plugin", "fluentd-plugin.conf", PackageResources.fluentd_plugin_conf, .fluentd),
    ShippingGuide(
      "fluentd, forward", "fluentd-forward.conf", PackageResources.fluentd_forward_conf, .fluentd, to: .forward),
    ShippingGuide("Fluent Bit", "fluent-bit.yaml", PackageResources.fluent_bit_yaml, .backslash),
    ShippingGuide("Vector", "vector.yaml", PackageResources.vector_yaml, .expanded),
    ShippingGuide("Filebeat", "filebeat.yml", PackageResources.filebeat_yml, .expanded),
    ShippingGuide("Logstash", "logstash.conf", PackageResources.logstash_conf, .logstash),
    ShippingGuide("OpenTelemetry", "otel-collector.yaml", PackageResources.otel_collector_yaml, .expanded),
    ShippingGuide("Grafana Alloy", "alloy.alloy", PackageResources.alloy_alloy, .backslash),
    ShippingGuide("Promtail", "promtail.yaml", PackageResources.promtail_yaml, .backslash),
    ShippingGuide("rsyslog", "rsyslog.conf", PackageResources.rsyslog_conf, .rsyslog, to: .syslog),
    ShippingGuide("rsyslog, HTTP", "rsyslog-http.conf", PackageResources.rsyslog_http_conf, .rsyslog),
    ShippingGuide("syslog-ng", "syslog-ng.conf", PackageResources.syslog_ng_conf, .syslogNG, to: .syslog),
    ShippingGuide("syslog-ng, HTTP", "syslog-ng-http.conf", PackageResources.syslog_ng_http_conf, .syslogNG),
    ShippingGuide("Python", "python.py", PackageResources.python_py, .backslash),
    ShippingGuide("curl", "curl.sh", PackageResources.curl_sh, .shell),
  ]

  /// The file for one app.
  func filled(with values: ShippingValues) -> Filled {
    var note: [Substring] = []
    var lines: [String] = []
    for line in template.split(separator: "\n", omittingEmptySubsequences: false) {
      if lines.count == 1, let words = Self.comment(line) {
        note.append(words)
      } else if let line = Self.line(line, withTLS: values.isTLS(at: port)) {
        lines.append(values.fill(line, quoting, isComment: Self.comment(line) != nil))
      }
    }
    return Filled(note: note.joined(separator: " "), text: trimmed(lines.joined(separator: "\n")))
  }

  /// The words of a line that is a comment.
  private static func comment(_ line: Substring) -> Substring? {
    let text = line.drop { $0 == " " }
    return ["# ", "// "].first(where: text.hasPrefix).map { text.dropFirst($0.count) }
  }

  /// The line without its remark on TLS; nil where it does not belong.
  private static func line(_ line: Substring, withTLS isTLS: Bool) -> Substring? {
    let remark = " # only with TLS"
    guard line.hasSuffix(remark) else { return line }
    return isTLS ? line.dropLast(remark.count) : nil
  }

  private func trimmed(_ text: String) -> String {
    var text = text[...]
    while text.last == "\n" { text.removeLast() }
    return String(text)
  }
}
