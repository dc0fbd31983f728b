import BaritoCore

/// Which server answers, as far as that decides what can be asked of it.
struct SearchServer: Sendable, Equatable, CustomStringConvertible {
  enum Distribution: String, Sendable {
    case elasticsearch = "Elasticsearch"
    case openSearch = "OpenSearch"
  }

  var distribution: Distribution
  var major: Int
  var minor: Int

  init(_ distribution: Distribution, _ major: Int, _ minor: Int) {
    self.distribution = distribution
    self.major = major
    self.minor = minor
  }

  /// Reads the answer to `GET /`; nil when it is not one of the two.
  init?(_ body: Span<UInt8>) {
    do throws(JSONError) {
      let root = try JSONScanner.validate(body)
      guard root.kind == .object,
        let version = try JSONMembers.value(of: "version", inObjectAt: root.range, of: body), version.kind == .object,
        let number = try JSONMembers.value(of: "number", inObjectAt: version.range, of: body)?.string(in: body)
      else { return nil }
      let parts = number.split(separator: ".").map { Int($0) }
      guard parts.count >= 2, let major = parts[0], let minor = parts[1] else { return nil }
      let name = try JSONMembers.value(of: "distribution", inObjectAt: version.range, of: body)?.string(in: body)
      self.init(name == "opensearch" ? .openSearch : .elasticsearch, major, minor)
    } catch {
      return nil
    }
  }

  var description: String { "\(distribution.rawValue) \(major).\(minor)" }

  func isAtLeast(_ major: Int, _ minor: Int) -> Bool { (self.major, self.minor) >= (major, minor) }
}
