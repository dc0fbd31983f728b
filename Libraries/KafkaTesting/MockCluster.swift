import CRdkafka
import Dispatch
public import Kafka
import Synchronization

/// Kafka brokers inside this process, for tests: librdkafka's mock cluster. It goes with its last reference.
///
/// It keeps about 5 MiB a partition and then drops the oldest, joining a group takes about 3 s, topics are made when
/// somebody asks for them (four partitions), and it knows neither `createTopic` of `KafkaAdmin` nor `offsets(for:)`.
public final class MockCluster: Sendable {
  /// librdkafka locks the cluster in each of its functions.
  private struct Handles: @unchecked Sendable {
    let client: OpaquePointer
    let cluster: OpaquePointer
  }

  private let handles: Handles
  /// Where it listens: `host:port` separated by commas.
  public let bootstraps: String
  /// Broker ids are 1 to this.
  public let brokers: Int

  public init(brokers: Int = 1) {
    let configuration = rd_kafka_conf_new()
    rd_kafka_conf_set(configuration, "log_level", "0", nil, 0)
    guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0),
      let cluster = rd_kafka_mock_cluster_new(client, Int32(brokers)),
      let bootstraps = rd_kafka_mock_cluster_bootstraps(cluster)
    else { fatalError("cannot make a mock cluster of \(brokers) brokers") }
    handles = Handles(client: client, cluster: cluster)
    self.bootstraps = String(cString: bootstraps)
    self.brokers = brokers
  }

  deinit {
    let handles = handles
    // Joins threads, so not on the thread that happens to let go last.
    DispatchQueue(label: "kafka.mock.destroy").async {
      rd_kafka_mock_cluster_destroy(handles.cluster)
      rd_kafka_destroy(handles.client)
    }
  }

  /// A configuration that points here.
  public func configuration(properties: [String: String] = [:]) -> KafkaConfiguration {
    KafkaConfiguration(brokers: bootstraps, clientID: "test", properties: properties)
  }

  public func createTopic(_ name: String, partitions: Int = 1, replicationFactor: Int = 1) {
    let error = rd_kafka_mock_topic_create(handles.cluster, name, Int32(partitions), Int32(replicationFactor))
    precondition(error == RD_KAFKA_RESP_ERR_NO_ERROR, "cannot make the mock topic \(name)")
  }

  /// Requests by their number in the protocol.
  public enum Request: Int16, Sendable {
    case produce = 0
    case fetch = 1
    case listOffsets = 2
    case metadata = 3
    case offsetCommit = 8
    case offsetFetch = 9
    case findCoordinator = 10
    case joinGroup = 11
    case heartbeat = 12
    case leaveGroup = 13
    case syncGroup = 14
    case initProducerID = 22
  }

  /// What a broker answers instead, by its number in the protocol; `disconnect` cuts the connection.
  public enum Fault: Int32, Sendable {
    case disconnect = -195
    case offsetOutOfRange = 1
    case unknownTopic = 3
    case leaderNotAvailable = 5
    case notLeader = 6
    case requestTimedOut = 7
    case messageTooLarge = 10
    case coordinatorNotAvailable = 15
    case notEnoughReplicas = 19
    case illegalGeneration = 22
    case rebalanceInProgress = 27
    case topicAuthorizationFailed = 29
    case outOfOrderSequence = 45
    case unknownProducer = 59
    case invalidRecord = 87
  }

  /// The next requests of this kind, to any broker, are answered with these faults, one each.
  public func pushRequestErrors(_ request: Request, _ faults: [Fault]) {
    let errors = faults.map { rd_kafka_resp_err_t($0.rawValue) }
    rd_kafka_mock_push_request_errors_array(handles.cluster, request.rawValue, errors.count, errors)
  }

  /// Forgets the faults that have not happened yet.
  public func clearRequestErrors(_ request: Request) {
    rd_kafka_mock_clear_request_errors(handles.cluster, request.rawValue)
  }

  /// Metadata of this topic carries the fault; nil for none.
  public func setTopicError(_ topic: String, _ fault: Fault?) {
    rd_kafka_mock_topic_set_error(handles.cluster, topic, rd_kafka_resp_err_t(fault?.rawValue ?? 0))
  }

  /// Cuts connections to brokers and refuses new ones. Their records stay.
  public func takeDown(broker: Int) { rd_kafka_mock_broker_set_down(handles.cluster, Int32(broker)) }
  public func takeDown() { for broker in 1...brokers { takeDown(broker: broker) } }
  public func bringUp(broker: Int) { rd_kafka_mock_broker_set_up(handles.cluster, Int32(broker)) }
  public func bringUp() { for broker in 1...brokers { bringUp(broker: broker) } }

  /// Delays every answer of a broker.
  public func setRoundTrip(broker: Int, _ time: Duration) {
    let milliseconds = time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000
    rd_kafka_mock_broker_set_rtt(handles.cluster, Int32(broker), Int32(clamping: milliseconds))
  }

  public func setLeader(of partition: TopicPartition, broker: Int) {
    rd_kafka_mock_partition_set_leader(handles.cluster, partition.topic, partition.partition, Int32(broker))
  }
}
