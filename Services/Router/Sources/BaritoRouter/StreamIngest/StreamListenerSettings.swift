import BaritoService
import Settings
import Streams

/// The settings of one listener that is not HTTP: where it listens, and with which certificate.
struct StreamListenerSettings: Sendable {
  let address: Setting<Address?>
  let certificate: Setting<String?>
  let key: Setting<String?>

  /// - Parameters:
  ///   - prefix: `forward`.
  ///   - what: what comes there: "fluentd's forward protocol".
  init(_ prefix: String, _ what: String, default address: Address?) {
    self.address = Setting(
      "\(prefix).address", Address?.self, default: address, "Where \(what) is taken in; empty for nowhere.")
    certificate = Setting(
      "\(prefix).tls-certificate", String?.self, default: nil,
      "File in PEM with the certificate for \(what), the server's first; empty for plain TCP.")
    key = Setting(
      "\(prefix).tls-key", String?.self, default: nil, "File in PEM with the certificate's key, without a password.")
  }

  var all: [any DeclaredSetting] { [address, certificate, key] }

  /// What was given; nil address for a listener that is switched off.
  struct Values: Sendable {
    var address: Address?
    var tls: StreamServerConfiguration.TLS?
  }

  func read(_ settings: SettingsReader) -> Values {
    var values = Values(address: settings[address])
    if let certificate = settings[certificate], let key = settings[key] {
      values.tls = .init(certificateFile: certificate, keyFile: key)
    }
    return values
  }

  /// Certificate and key are given both, or neither.
  func verify(_ settings: SettingsReader, _ rules: inout SettingsRules) {
    rules.require(
      (settings[certificate] == nil) == (settings[key] == nil), certificate,
      "and \(key.declaration.key) are not both given", remedy: "give the pair, or neither for plain TCP")
  }
}
