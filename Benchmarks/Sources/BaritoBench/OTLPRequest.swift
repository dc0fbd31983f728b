import BaritoCore

/// The log records of OpenTelemetry's `ExportLogsServiceRequest`, in protobuf, as an SDK sends them.
enum OTLPRequest {
  /// A record for each line: what an SDK's record has around its text is as long as it is, and the text is as much of the
  /// line as makes the record as long as the line.
  static func body(_ lines: [[UInt8]]) -> [UInt8] {
    var request = ProtobufWriter()
    request.message(1) { resourceLogs in
      resourceLogs.message(1) { resource in
        attribute("service.name", "orders", in: &resource, field: 1)
        attribute("host.name", "orders-7d4b9c", in: &resource, field: 1)
      }
      resourceLogs.message(2) { scopeLogs in
        scopeLogs.message(1) { $0.string(1, "orders.http") }
        for (number, line) in lines.enumerated() { scopeLogs.bytes(2, record(line, number).span) }
      }
    }
    return request.bytes
  }

  private static func record(_ line: [UInt8], _ number: Int) -> [UInt8] {
    let time = 1_795_359_000_000_000_000 + UInt64(number) * 1_000_000
    // Field 1, time_unix_nano: eight bytes, the lowest first.
    var record = ProtobufWriter(appendingTo: [0x09] + (0..<8).map { UInt8(truncatingIfNeeded: time >> ($0 * 8)) })
    record.varint(2, 9)
    record.string(3, "INFO")
    attribute("http.route", "/orders/{id}", in: &record, field: 6)
    // Around the text: a tag and a length, twice, of one or two bytes.
    let room = max(0, line.count - record.bytes.count - 6)
    record.message(5) { $0.bytes(1, line.span.extracting(0..<min(room, line.count))) }
    return record.bytes
  }

  private static func attribute(_ key: String, _ value: String, in message: inout ProtobufWriter, field: Int) {
    message.message(field) { attribute in
      attribute.string(1, key)
      attribute.message(2) { $0.string(1, value) }
    }
  }
}
