import BaritoCore

/// The Kafka and Elasticsearch that all groups of one machine share.
struct LocalSettings: Sendable, Equatable {
  var kafkaBrokers: String
  var elasticsearchURL: String
  var kibanaURL: String?
  /// Of every topic; nil as the template says.
  var partitions: Int?
  var replicationFactor: Int
}

extension ProvisioningPlan {
  /// Nothing is made: the group is pointed at what is there, with names of its own.
  init(_ request: ProvisioningRequest, local settings: LocalSettings) {
    clusterName = request.clusterName
    let types: [ComponentType] = request.kind == .delete ? [] : [.kafka, .elasticsearch]
    instances = types.map { Instance(hostname: "local-\($0.rawValue)", type: $0) }
    addressing = .fixed(
      ClusterEndpoints(
        kafkaBrokers: settings.kafkaBrokers, elasticsearchURL: settings.elasticsearchURL,
        kibanaURL: settings.kibanaURL, naming: .shared(by: request.clusterName),
        partitions: settings.partitions ?? request.template.kafkaPartitions,
        replicationFactor: settings.replicationFactor,
        minimumInsyncReplicas: max(1, settings.replicationFactor - 1)))
  }
}
