import CRdkafka

/// The headers that all messages of a call share, built once and copied for each message.
struct CommonHeaders: ~Copyable {
  private let raw: OpaquePointer?

  init(_ headers: [KafkaHeader]) {
    raw = headers.isEmpty ? nil : rd_kafka_headers_new(headers.count)
    if let raw { append(headers, to: raw) }
  }

  /// A copy for librdkafka to take over; nil if there are none.
  func copy() -> OpaquePointer? { raw.map { rd_kafka_headers_copy($0) } }

  func copy(adding headers: [KafkaHeader]) -> OpaquePointer? {
    guard !headers.isEmpty else { return copy() }
    guard let all = copy() ?? rd_kafka_headers_new(headers.count) else { return nil }
    append(headers, to: all)
    return all
  }

  private func append(_ headers: [KafkaHeader], to list: OpaquePointer) {
    for header in headers { rd_kafka_header_add(list, header.name, -1, header.value, header.value.count) }
  }

  deinit { if let raw { rd_kafka_headers_destroy(raw) } }
}

extension KafkaHeader {
  var size: Int { name.utf8.count + value.count }
}
