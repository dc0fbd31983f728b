/// rsyslog that takes syslog over TCP and hands each message to Kafka as it came, with librdkafka's settings as the
/// Router has them.
struct RsyslogPeer {
  let port: Int
  let broker: String
  let topic: String

  static let program = "/usr/sbin/rsyslogd"
  /// Without these it cannot run.
  static let files = [program, "/usr/lib/x86_64-linux-gnu/rsyslog/omkafka.so"]

  /// - Parameter folder: where its own files may be.
  func configuration(folder: String) -> String {
    let properties = BareSettings.producer(brokers: broker)
      .filter { $0.key != "bootstrap.servers" && $0.key != "client.id" }
      .sorted { $0.key < $1.key }.map { "\"\($0.key)=\($0.value)\"" }
    return #"""
      global(workDirectory="\#(folder)")
      module(load="imtcp")
      module(load="omkafka")
      main_queue(queue.type="LinkedList" queue.size="100000" queue.dequeueBatchSize="1024")
      template(name="whole" type="string" string="%rawmsg%")
      input(type="imtcp" address="127.0.0.1" port="\#(port)")
      action(type="omkafka" broker=["\#(broker)"] topic="\#(topic)" template="whole" partitions.auto="on"
             action.resumeInterval="1" action.resumeRetryCount="-1"
             confParam=[\#(properties.joined(separator: ","))])

      """#
  }
}
