/// rsyslog that moves records from Kafka to Elasticsearch in bulk, with librdkafka's settings as Flow has them, but for how much is read ahead.
struct RsyslogDelivery {
  let broker: String
  let topic: String
  let group: String
  let sinkPort: Int

  /// Without these it cannot run.
  static let files = [
    RsyslogPeer.program, "/usr/lib/x86_64-linux-gnu/rsyslog/imkafka.so",
    "/usr/lib/x86_64-linux-gnu/rsyslog/omelasticsearch.so",
  ]
  static let packages = "rsyslog rsyslog-kafka rsyslog-elasticsearch"

  /// Requests of as many documents as Flow's, two at a time, without ids: rsyslog has none that would hold.
  /// - Parameter folder: where its own files may be.
  func configuration(folder: String) -> String {
    // It stands still behind a small read-ahead.
    let ours: Set = [
      "bootstrap.servers", "client.id", "group.id", "enable.auto.commit", "enable.auto.offset.store",
      "queued.max.messages.kbytes", "max.partition.fetch.bytes", "fetch.max.bytes",
    ]
    let properties = BareSettings.consumer(brokers: broker).filter { !ours.contains($0.key) }
      .sorted { $0.key < $1.key }.map { "\"\($0.key)=\($0.value)\"" }
    return #"""
      global(workDirectory="\#(folder)" maxMessageSize="1m")
      module(load="imkafka")
      module(load="omelasticsearch")
      template(name="document" type="string" string="%msg%")
      input(type="imkafka" topic="\#(topic)" broker=["\#(broker)"] consumergroup="\#(group)" ruleset="out"
            confParam=[\#(properties.joined(separator: ","))])
      ruleset(name="out" queue.type="FixedArray" queue.size="100000" queue.dequeueBatchSize="5000"
              queue.workerThreads="2" queue.workerThreadMinimumMessages="5000") {
        action(type="omelasticsearch" server="127.0.0.1" serverport="\#(sinkPort)" template="document" searchIndex="bench"
               searchType="" bulkmode="on" maxbytes="8m" action.resumeInterval="1" action.resumeRetryCount="-1")
      }

      """#
  }
}
