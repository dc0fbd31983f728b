import BaritoCore
import TestKit

/// Real log lines, or lines made here where there are none, each as the first Barito's fluentd plugin sends it.
struct LogLines: Sendable {
  struct Line: Sendable {
    /// Its place among all lines of the run.
    var number: Int
    /// What stood in the file, without the line feed.
    var message: [UInt8]
    /// The JSON object that is sent.
    var timber: [UInt8]
  }

  var lines: [Line] = []

  /// All lines of the folder `loghub` of the test data, the last ones without a line feed too.
  static func all() -> LogLines {
    var result = LogLines()
    let folder = "\(environmentVariable("BARITO_TEST_DATA") ?? "../shared/data")/loghub"
    for path in entries(ofFolder: folder) where path.hasSuffix(".log") {
      let source = path.split(separator: "/").last.map(String.init) ?? path
      var file = contents(ofFile: path) ?? []
      if file.last == UInt8(ascii: "\n") { file.removeLast() }
      for line in file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
        result.append(Array(line), from: source)
      }
    }
    return result.lines.isEmpty ? made(32_000) : result
  }

  /// Lines of our own: plain, with quotes, backslashes, control characters and letters of many scripts.
  static func made(_ count: Int) -> LogLines {
    var result = LogLines()
    let tails = ["ok", "said \"no\"", "C:\\temp\\x", "tab\there", "bell\u{7}", "Größe 12 µs", "日本語の行", "🪵 log", ""]
    for number in 0..<count {
      let text =
        "2026-11-22 10:\(number % 60):00 INFO worker-\(number % 17) request \(number) \(tails[number % tails.count])"
      result.append(Array(text.utf8), from: "made.log")
    }
    return result
  }

  private mutating func append(_ message: [UInt8], from source: String) {
    let number = lines.count
    var json = JSONWriter()
    json.object { json in
      json.member("tag", "loghub.\(source)")
      json.key("@message")
      json.value(utf8: message.span)
      json.member("@timestamp", "2026-11-22T10:15:30Z")
      json.member("n", number)
      json.object("client_trail") { json in
        json.member("is_k8s", false)
        json.member("sent_at", "2026-11-22T10:15:30Z")
        json.array("hints") { _ in }
        json.member("hostname", "acceptance")
      }
    }
    lines.append(Line(number: number, message: message, timber: json.bytes))
  }
}
