import FoundationEssentials
import HTML
import Settings
import TestKit
import Testing

@testable import BaritoMarket

extension ShippingValues {
  static let ordinary = ShippingValues(
    appName: "Web API", secret: "brs_x-y_z", router: RouterAddresses(url: "https://logs.example.com"))
  /// What no app may be called today, and no configuration may stumble over.
  static let nasty = ShippingValues(
    appName: ##"O'Brien "50%" $HOME ${HOME} $(id) \n #{1+1} `id` ${BARITO_SECRET} # é"##,
    secret: ##"s'e"c$r{e}t${HOME}\#{2}`x`%41"##, router: RouterAddresses(url: "https://logs.example.com:8443/barito"))
  static let plain = ShippingValues(
    appName: "Web API", secret: "brs_x-y_z",
    router: RouterAddresses(
      url: "http://[::1]:8081", syslog: StreamURL(isTLS: false, address: Address("10.0.0.7", 1514))))
}

@Suite struct ShippingTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/shipping")

  @Test("every configuration of docs/shipping is offered as it stands there, and explained in its README")
  func files() throws {
    let readme = try String(contentsOf: Self.folder.appending(path: "README.md"), encoding: .utf8)
    #expect(
      Set(entries(ofFolder: Self.folder.path).compactMap { $0.split(separator: "/").last.map(String.init) })
        == Set(ShippingGuide.all.map(\.file) + ["README.md"]))
    for guide in ShippingGuide.all {
      #expect(guide.template == (try String(contentsOf: Self.folder.appending(path: guide.file), encoding: .utf8)))
      #expect(readme.contains("| \(guide.title) | `\(guide.file)` |"), "\(guide.file) is not in the README's table")
    }
    for placeholder in ShippingValues.ordinary.placeholders { #expect(readme.contains(placeholder.name)) }
  }

  @Test("a configuration holds the app's values and no placeholder", arguments: ShippingGuide.all)
  func filled(guide: ShippingGuide) {
    let filled = guide.filled(with: .ordinary)
    #expect(filled.text.hasPrefix("# Barito, app Web API\n") || filled.text.hasPrefix("// Barito, app Web API\n"))
    #expect(!filled.note.isEmpty && !filled.note.contains("#"))
    #expect(filled.text.contains("brs_x-y_z"))
    #expect(filled.text.contains("logs.example.com"))
    #expect(!(filled.text + filled.note).contains("BARITO_"))
    #expect(!filled.text.contains("only with TLS"))
  }

  @Test("where a port speaks plain TCP nothing of TLS is left")
  func plain() throws {
    func text(_ file: String, _ values: ShippingValues) throws -> String {
      try #require(ShippingGuide.all.first { $0.file == file }).filled(with: values).text
    }
    for (file, words) in [
      ("fluentd-forward.conf", "transport tls"), ("fluent-bit.yaml", "tls: on"), ("rsyslog.conf", "ossl"),
      ("syslog-ng.conf", "tls("), ("syslog-ng-http.conf", "tls("),
    ] {
      #expect(try text(file, .ordinary).contains(words))
      #expect(try !text(file, .plain).contains(words))
    }
    #expect(try text("rsyslog.conf", .plain).contains("target=\"10.0.0.7\"\n  port=\"1514\""))
    #expect(try text("fluent-bit.yaml", .plain).contains("host: \"::1\"\n      port: 8081"))
    #expect(try text("fluentd-forward.conf", .plain).contains("host '::1'\n    port 24224"))
    #expect(try text("filebeat.yml", .ordinary).contains("https://logs.example.com:443\""))
    #expect(try text("fluent-bit.yaml", .nasty).contains("uri: \"/barito/produce_batch\""))
  }

  @Test("a value stays on its line, and is not looked at for placeholders", arguments: ShippingGuide.all)
  func injection(guide: ShippingGuide) {
    let count = guide.filled(with: .ordinary).text.split(separator: "\n", omittingEmptySubsequences: false).count
    var values = ShippingValues.nasty
    values.appName += "\nevil: true\r\u{2028}"
    let text = guide.filled(with: values).text
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count == count)
    #expect(text.contains("{BARITO_SECRET}"))
  }

  @Test(
    "what ends a quotation is escaped as the format has it",
    arguments: [
      (Quoting.backslash, #"a\"b'c\\d$e`f%g"#), (.expanded, #"a\"b'c\\d$$e`f%g"#), (.fluentd, #"a"b\'c\\d$e`f%g"#),
      (.shell, #"a"b'\''c\d$e`f%g"#), (.rsyslog, #"a\"b'c\\d$e`f%g"#), (.syslogNG, #"a\"b'c\\d$$e``f%g"#),
      (.logstash, "a_b'c_d_e`f_g"),
    ])
  func quoting(quoting: Quoting, expected: String) {
    #expect(quoting.quoted(#"a"b'c\d$e`f%g"#) == expected)
    #expect(quoting.commented("a\r\nb$") == (quoting == .expanded ? "a  b$$" : "a  b$"))
  }

  @Test("every configuration stands on both pages of an app, with its values", arguments: ShippingGuide.all)
  func pages(guide: ShippingGuide) {
    func markup(_ values: ShippingValues) -> String { ("\(guide.filled(with: values).text)" as HTML).markup }
    var setUp = AppSetUpPage.fresh
    (setUp.name, setUp.secret, setUp.router) = ("Web API", "brs_x-y_z", ShippingValues.ordinary.router)
    #expect(setUp.content(in: .mock).markup.contains(markup(.ordinary)))
    var values = ShippingValues.ordinary
    values.secret = ShippingChooser.secretPlaceholder
    var app = AppPage.busy
    (app.name, app.router) = ("Web API", values.router)
    #expect(app.content(in: .mock).markup.contains(markup(values)))
    app.newSecret = "brs_x-y_z"
    #expect(app.content(in: .mock).markup.contains(markup(.ordinary)))
  }

  @Test("as many configurations can be chosen as the stylesheet tells apart")
  func chooser() {
    let stylesheet = String(decoding: Asset.stylesheet.bytes, as: UTF8.self)
    let count = ShippingGuide.all.count
    #expect(stylesheet.contains(".tabs:has(> input:nth-of-type(\(count)):checked) section:nth-child(\(count))"))
  }
}

extension ShippingGuide: CustomTestStringConvertible {
  public var testDescription: String { file }
}
