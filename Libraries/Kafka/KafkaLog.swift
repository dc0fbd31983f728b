import CRdkafka
import Logging

/// Passes librdkafka's own log on, at info or below: what matters to a caller is thrown, not logged.
struct KafkaLog: Sendable {
  let logger: Logger

  init(_ logger: Logger, client: String) { self.logger = logger.with(["kafka.client": client]) }

  func write(severity: Int32, facility: String, _ text: String) {
    // Syslog: 7 is debug, 6 and 5 are news, the rest is trouble that librdkafka mends itself or returns as an error.
    logger.log(severity < 5 ? .info : .debug, "librdkafka", ["kafka.facility": facility, "kafka.text": text])
  }
}

/// Called from the log queue, which every client serves where it polls.
func onLog(
  _ client: OpaquePointer?, _ severity: Int32, _ facility: UnsafePointer<CChar>?, _ text: UnsafePointer<CChar>?
) {
  guard let client, let facility, let text, let opaque = rd_kafka_opaque(client) else { return }
  let context = Unmanaged<ClientContext>.fromOpaque(opaque).takeUnretainedValue()
  context.log.write(severity: severity, facility: String(cString: facility), String(cString: text))
}
