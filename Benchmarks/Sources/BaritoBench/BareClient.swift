import CRdkafka

/// A client of librdkafka and nothing else. Used from one thread; destroyed with its owner.
struct BareClient: ~Copyable {
  let raw: OpaquePointer

  /// - Parameter deliveries: where delivery reports are counted; it must outlive the client.
  init(_ type: rd_kafka_type_t, _ properties: [String: String], deliveries: Deliveries? = nil) throws {
    let configuration: OpaquePointer = rd_kafka_conf_new()
    var reason = [CChar](repeating: 0, count: 512)
    for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
      guard rd_kafka_conf_set(configuration, name, value, &reason, reason.count) != RD_KAFKA_CONF_OK else { continue }
      rd_kafka_conf_destroy(configuration)
      throw BenchError("cannot set \(name): \(text(of: reason))")
    }
    if let deliveries {
      rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(deliveries).toOpaque())
      rd_kafka_conf_set_dr_msg_cb(configuration, onReport)
    }
    guard let client = rd_kafka_new(type, configuration, &reason, reason.count) else {
      rd_kafka_conf_destroy(configuration)
      throw BenchError("cannot make a Kafka client: \(text(of: reason))")
    }
    raw = client
  }

  deinit { rd_kafka_destroy(raw) }

  static var libraryVersion: String { String(cString: rd_kafka_version_str()) }
}

/// What the delivery reports of one producer came to. Only the thread that polls touches it.
final class Deliveries {
  fileprivate(set) var delivered = 0
  fileprivate(set) var failed = 0
  fileprivate(set) var failure = ""
}

/// Called within `rd_kafka_poll`, once for each message.
private func onReport(
  _ client: OpaquePointer?, _ message: UnsafePointer<rd_kafka_message_t>?, _ opaque: UnsafeMutableRawPointer?
) {
  guard let message, let opaque else { return }
  Unmanaged<Deliveries>.fromOpaque(opaque)._withUnsafeGuaranteedRef { deliveries in
    if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
      deliveries.delivered += 1
    } else {
      deliveries.failed += 1
      deliveries.failure = String(cString: rd_kafka_err2str(message.pointee.err))
    }
  }
}

private func text(of characters: [CChar]) -> String {
  String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
