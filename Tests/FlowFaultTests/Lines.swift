import BaritoCore

/// The documents that tests put into Kafka: what JSON may be, in every way in which somebody might improve it on its way.
enum Lines {
  /// Elasticsearch refuses what begins so for good.
  static let poison = Array(#"{"poison":"#.utf8)

  /// - Parameter isPoison: no JSON, so that it belongs into the quarantine.
  static func value(_ number: Int, sender: String, isPoison: Bool) -> [UInt8] {
    if isPoison { return poison + Array("\(number),}".utf8) }
    return switch number % 4 {
    case 0: Array(#"{"sender":"\#(sender)","n":\#(number),"exact":12345678901234567.8900,"e":1E2,"big":1e3}"#.utf8)
    case 1: Array(#"{ "z" : [ ] , "a":{"b":"\/ ","é":"łódź ☃"},"sender":"\#(sender)","n": \#(number) }"#.utf8)
    case 2:
      Array(
        #"{"@timestamp":"2026-11-22T10:00:00.120+07:00","message":"GET /cart/\#(number) 200","sender":"\#(sender)","n":\#(number)}"#
          .utf8)
    default:
      Array(#"{"message":"\#(String(repeating: "long line ", count: 20))","sender":"\#(sender)","n":\#(number)}"#.utf8)
    }
  }
}
