/// Lines as an app writes them: JSON objects of an exact size with a time, so that the Router has nothing to add and a
/// bare producer sends the same bytes. Repeatable, and as varied as logs are, so that compression has real work.
enum LogLines {
  /// Where nothing else is said.
  static let lineBytes = 200

  /// - Parameters:
  ///   - seed: the same seed makes the same lines.
  ///   - bytes: of each line, at least 200.
  static func make(_ count: Int, seed: UInt64, bytes: Int = lineBytes) -> [[UInt8]] {
    var random = SplitMix64(state: seed)
    return (0..<count).map { _ in line(&random, bytes) }
  }

  private static func line(_ random: inout SplitMix64, _ lineBytes: Int) -> [UInt8] {
    let fields = [
      #""@timestamp":"2026-11-22T\#(two(random.below(24))):\#(two(random.below(60))):\#(two(random.below(60))).\#(random.below(900) + 100)Z""#,
      #""level":"\#(levels[random.below(levels.count)])""#,
      #""status":\#(statuses[random.below(statuses.count)])"#,
      #""path":"/\#(paths[random.below(paths.count)])/\#(random.below(100_000))""#,
      #""ms":\#(random.below(2000))"#,
      #""trace":"\#(String(random.next(), radix: 16))""#,
    ]
    var line = Array("{\(fields.joined(separator: ","))".utf8) + Array(#","message":""#.utf8)
    while line.count < lineBytes - 2 {
      line += Array(words[random.below(words.count)].utf8)
      line.append(UInt8(ascii: " "))
    }
    return line.prefix(lineBytes - 2) + Array(#""}"#.utf8)
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static let levels = ["info", "info", "info", "warn", "error", "debug"]
  private static let statuses = [200, 200, 200, 201, 204, 301, 400, 404, 500, 503]
  private static let paths = ["orders", "drivers", "payments", "users", "carts/items", "sessions"]
  private static let words = [
    "order", "accepted", "driver", "was", "found", "payment", "of", "customer", "failed", "with", "timeout", "retrying",
    "upstream", "connection", "reset", "by", "peer", "cache", "miss", "for", "key", "session", "expired", "after",
  ]
}

/// A small generator of repeatable randomness (Steele, Lea and Flood 2014).
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
