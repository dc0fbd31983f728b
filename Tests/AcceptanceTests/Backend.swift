import TestKit
import Testing

/// The Kafka and Elasticsearch that a run goes against: real ones, or the small server that stands in on a laptop.
/// `make test` starts both and names them in the environment.
enum Backend: String, CaseIterable, CustomTestStringConvertible {
  case real, embedded

  var kafka: String? { environmentVariable("BARITO_TEST_KAFKA" + suffix) }
  var elasticsearch: String? { environmentVariable("BARITO_TEST_ELASTICSEARCH" + suffix) }

  /// Those that are there.
  static var available: [Backend] { allCases.filter { $0.kafka != nil && $0.elasticsearch != nil } }

  /// The embedded server answers a fetch with all that there is, and at once although there is nothing.
  var kafkaProperties: [String] {
    guard self == .embedded else { return [] }
    return ["--kafka-property", "receive.message.max.bytes=2000000000", "--kafka-property", "idle.pause.ms=200"]
  }

  var testDescription: String { rawValue }

  private var suffix: String { self == .embedded ? "_EMBEDDED" : "" }
}
