import BaritoCore

/// Where a session is: for each app the offset of the next line of every partition. Pure.
///
/// As text it is `v1_<app>.<offset>.<offset>…_<app>…`, the offsets in the order of the partitions, all of it characters
/// that URLs and server-sent events take as they are. An app without offsets has no topic yet: all its lines are new.
struct TailCursor: Sendable, Equatable {
  /// By partition.
  var offsets: [AppID: [Int64]]

  static let maximumLength = 16 * 1024

  init(_ offsets: [AppID: [Int64]] = [:]) { self.offsets = offsets }

  /// - Returns: nil for text that this version did not write.
  init?(_ text: String) {
    guard text.utf8.count <= TailCursor.maximumLength else { return nil }
    let parts = text.split(separator: "_", omittingEmptySubsequences: false)
    guard parts.first == "v1" else { return nil }
    offsets = [:]
    for part in parts.dropFirst() {
      var numbers: [Int64] = []
      for digits in part.split(separator: ".", omittingEmptySubsequences: false) {
        guard let number = Int64(digits), number >= 0, digits.first != "+" else { return nil }
        numbers.append(number)
      }
      guard let app = numbers.first, offsets.updateValue(Array(numbers.dropFirst()), forKey: AppID(app)) == nil else {
        return nil
      }
    }
  }

  func append(to output: inout [UInt8]) {
    output.append(contentsOf: "v1".utf8)
    for (app, numbers) in offsets.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      output.append(contentsOf: "_\(app)".utf8)
      for number in numbers { output.append(contentsOf: ".\(number)".utf8) }
    }
  }

  var text: String {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
