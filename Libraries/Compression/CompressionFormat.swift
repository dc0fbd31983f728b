/// How bytes are compressed.
public enum CompressionFormat: String, Sendable, CaseIterable {
  /// RFC 1952, any number of members one after another.
  case gzip
  /// RFC 1950 (zlib) as HTTP has it; when read also the bare RFC 1951 that some clients send.
  case deflate
  /// RFC 8878, any number of frames one after another.
  case zstd
  /// The raw (block) format of snappy, which Loki's and Prometheus' clients send. No HTTP content coding names it.
  case snappy

  /// The format of an HTTP content coding, in any case; nil for one that is not supported.
  public init?(contentCoding: some StringProtocol) {
    switch contentCoding.lowercased() {
    case "gzip", "x-gzip": self = .gzip
    case "deflate": self = .deflate
    case "zstd": self = .zstd
    default: return nil
    }
  }
}
