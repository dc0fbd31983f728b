/// A file that pages refer to; it is part of the program.
struct Asset: Sendable {
  var name: String
  var contentType: String
  var bytes: [UInt8]
  /// Changes when the bytes do, so that a browser may keep the file for ever; also the entity tag.
  var version: String

  /// Where browsers get this version.
  var path: String { "\(MarketRoutes.asset(name))?v=\(version)" }

  static let stylesheet = Asset("barito.css", "text/css; charset=utf-8", PackageResources.barito_css)
  static let script = Asset("barito.js", "text/javascript; charset=utf-8", PackageResources.barito_js)
  static let logo = Asset("logo.svg", "image/svg+xml", PackageResources.logo_svg)
  static let all = [stylesheet, script, logo]

  /// The asset of that file name.
  static func named(_ name: String) -> Asset? { all.first { $0.name == name } }

  private init(_ name: String, _ contentType: String, _ bytes: [UInt8]) {
    self.name = name
    self.contentType = contentType
    self.bytes = bytes
    // FNV-1a: it tells versions apart, nothing more is asked of it.
    let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    version = String(hash, radix: 36)
  }
}
