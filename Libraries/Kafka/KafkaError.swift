import CRdkafka

/// What could not be done with Kafka, and whether trying again makes sense.
public struct KafkaError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A closed set, so that it can be the label of a metric.
  public enum Code: String, Sendable, CaseIterable {
    /// Too much is waiting for acknowledgements already; nothing was sent.
    case queueFull
    /// No answer within the time allowed. The work may still have been done.
    case timedOut
    /// No broker can be reached, or the one that leads the partition cannot.
    case brokerDown
    /// The topic or partition does not exist.
    case unknownTopic
    /// The message is larger than the client or the broker allows.
    case tooLarge
    /// The broker refused it for good.
    case rejected
    /// Fewer replicas are in sync than the topic demands.
    case notEnoughReplicas
    /// The broker does not let this client do it, or not know who it is.
    case unauthorized
    /// The offset asked for is no longer, or not yet, in the partition.
    case offsetOutOfRange
    /// The group is rebalancing, or this member is no longer part of it.
    case rebalancing
    /// The broker does not speak this request.
    case unsupported
    /// A property is unknown, or its value is.
    case configuration
    /// The client cannot go on and must be replaced by a new one.
    case fatal
    /// The client was closed.
    case closed
    /// Anything else; the detail names it.
    case other
  }

  /// What the caller should do.
  public enum Disposition: Sendable {
    /// Do the same again, later.
    case retry
    /// The same will fail again; something about it must change.
    case reject
    /// This client is of no further use.
    case fatal
  }

  public var code: Code
  /// Free text for logs: what, to what, why. Never a label.
  public var detail: String
  public var disposition: Disposition

  /// - Parameter disposition: nil for the usual one of the code.
  public init(_ code: Code, _ detail: String, disposition: Disposition? = nil) {
    self.code = code
    self.detail = detail
    self.disposition = disposition ?? code.usualDisposition
  }

  public var description: String { "\(detail) [\(code.rawValue)]" }
}

extension KafkaError.Code {
  var usualDisposition: KafkaError.Disposition {
    switch self {
    case .queueFull, .timedOut, .brokerDown, .unknownTopic, .notEnoughReplicas, .rebalancing, .other: .retry
    case .tooLarge, .rejected, .unauthorized, .offsetOutOfRange, .unsupported: .reject
    case .configuration, .fatal, .closed: .fatal
    }
  }
}

extension KafkaError {
  /// - Parameter doing: what was tried, such as `cannot store a message in logs`; the reason is appended.
  init(_ error: rd_kafka_resp_err_t, _ doing: String, reason: String? = nil) {
    let name = String(cString: rd_kafka_err2name(error))
    self.init(Code(error), "\(doing): \(reason ?? String(cString: rd_kafka_err2str(error))) (\(name))")
  }
}

extension KafkaError.Code {
  init(_ error: rd_kafka_resp_err_t) {
    self =
      switch error {
      case RD_KAFKA_RESP_ERR__QUEUE_FULL: .queueFull
      case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
        .timedOut
      case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__RESOLVE,
        RD_KAFKA_RESP_ERR__WAIT_COORD, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
        RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
        .brokerDown
      case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        .unknownTopic
      case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE: .tooLarge
      case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
        .notEnoughReplicas
      case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR__AUTHENTICATION,
        RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
        .unauthorized
      case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET: .offsetOutOfRange
      case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
        RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED,
        RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST, RD_KAFKA_RESP_ERR__STATE:
        .rebalancing
      case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED,
        RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
        .unsupported
      case RD_KAFKA_RESP_ERR__INVALID_ARG, RD_KAFKA_RESP_ERR_INVALID_CONFIG, RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
        RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR,
        RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR_INVALID_RECORD,
        RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, RD_KAFKA_RESP_ERR_INVALID_REQUEST:
        .rejected
      case RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
        RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
        .fatal
      case RD_KAFKA_RESP_ERR__DESTROY, RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT: .closed
      default: .other
      }
  }
}
