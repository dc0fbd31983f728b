import BaritoCore
import Kafka
import Lifecycle
import Logging

/// A request and where it stands in its topic.
struct QueuedRequest: Sendable, Equatable {
  var request: ProvisioningRequest
  var partition: TopicPartition
  var offset: Int64
}

/// What came in since the last look.
struct Arrivals: Sendable {
  struct Unreadable: Sendable {
    var partition: TopicPartition
    var offset: Int64
    var reason: String
  }

  var requests: [QueuedRequest] = []
  var unreadable: [Unreadable] = []
  /// The partitions that are ours now.
  var assignment: Set<TopicPartition>
}

/// Where requests come from.
protocol RequestSource: Sendable {
  /// Waits a moment for requests, at most so many; 0 keeps what was given without asking for more.
  func next(maximum: Int) async throws -> Arrivals

  /// Requests before these offsets are done for ever.
  func store(_ offsets: [TopicPartition: Int64]) async throws

  func close() async
}

/// Requests from Kafka. It is asked several times a second, so membership of the group does not depend on how long a
/// request takes.
struct KafkaRequestSource: RequestSource {
  private let consumer: KafkaConsumer
  private let pause: Duration = .milliseconds(200)

  init(_ configuration: KafkaConfiguration, logger: Logger) throws(KafkaError) {
    consumer = try KafkaConsumer(configuration, logger: logger)
  }

  func subscribe() async throws { try await consumer.subscribe([PlatformTopic.provisioningRequests]) }

  func next(maximum: Int) async throws -> Arrivals {
    var batch = RecordBatch()
    if maximum > 0 {
      batch = try await consumer.nextBatch(maxRecords: maximum, wait: pause)
    } else {
      _ = try await consumer.keepAlive()
      await sleepUntilGracefulShutdown(pause)
    }
    var arrivals = Arrivals(assignment: await consumer.assignment)
    for record in batch.records {
      let partition = batch.topicPartition(of: record)
      switch KafkaRequestSource.read(Array(batch.bytes[record.value])) {
      case .success(let request):
        arrivals.requests.append(QueuedRequest(request: request, partition: partition, offset: record.offset))
      case .failure(let error):
        arrivals.unreadable.append(.init(partition: partition, offset: record.offset, reason: error.detail))
      }
    }
    return arrivals
  }

  func store(_ offsets: [TopicPartition: Int64]) async throws { try await consumer.store(offsets) }

  /// Whether this Provisioner has the first partition, which one of all Provisioners has.
  var isFirst: Bool {
    get async { await consumer.assignment.contains(TopicPartition(PlatformTopic.provisioningRequests, 0)) }
  }

  func close() async { await consumer.close(within: .seconds(10)) }

  /// Reads a request, and refuses what was written by a Market of another age.
  static func read(_ bytes: [UInt8]) -> Result<ProvisioningRequest, ProvisionerError> {
    do {
      let request = try WireJSON.decode(ProvisioningRequest.self, from: bytes)
      guard request.version <= ProvisioningRequest.currentVersion else {
        return .failure(
          ProvisionerError(
            .invalid,
            "the request has version \(request.version), this Provisioner knows up to "
              + "\(ProvisioningRequest.currentVersion): update it"))
      }
      guard !request.clusterName.rawValue.isEmpty, request.clusterName.rawValue.utf8.allSatisfy(\.isClusterLetter)
      else {
        return .failure(
          ProvisionerError(.invalid, "the request's cluster_name is not of lower-case letters and digits"))
      }
      return .success(request)
    } catch {
      return .failure(ProvisionerError(.invalid, "the record is no request: \(error)"))
    }
  }
}

extension UInt8 {
  fileprivate var isClusterLetter: Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
      || self == UInt8(ascii: "-")
  }
}
