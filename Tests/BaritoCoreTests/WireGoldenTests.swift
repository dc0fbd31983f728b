import BaritoCore
import Testing

/// What services say to each other, byte for byte: a change here is a change of the protocol.
@Suite struct WireGoldenTests {
  private func golden<Value: Codable & Equatable>(_ value: Value, _ text: String) throws {
    #expect(String(decoding: try WireJSON.encode(value), as: UTF8.self) == text)
    #expect(try WireJSON.decode(Value.self, from: Array(text.utf8)) == value)
  }

  private let endpoints = ClusterEndpoints(
    kafkaBrokers: "k1:9092,k2:9092", elasticsearchURL: "http://es:9200", naming: .shared(by: ClusterName("haruni")),
    partitions: 3, replicationFactor: 3, minimumInsyncReplicas: 2)

  @Test("a page of the profile feed is this JSON")
  func page() throws {
    let hash = try #require(SecretHash(hex: String(repeating: "0a", count: 32)))
    try golden(
      ProfilePage(
        version: 7,
        groups: [
          GroupProfile(
            clusterName: ClusterName("haruni"), name: "Payments", status: .active, secrets: [hash], cluster: endpoints)
        ],
        apps: [
          AppProfile(
            id: AppID(12), clusterName: ClusterName("haruni"), name: "Web API", topicName: "web-api",
            secrets: [hash], limits: IngestLimits(linesPerSecond: 500))
        ]),
      #"{"apps":[{"cluster_name":"haruni","deleted":false,"id":12,"limits":{"lines_per_second":500},"name":"Web API","overload":"refuse","probe":false,"retention_days":30,"secrets":["0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"],"status":"active","topic_name":"web-api"}],"groups":[{"cluster":{"elasticsearch_url":"http://es:9200","kafka_brokers":"k1:9092,k2:9092","minimum_insync_replicas":2,"naming":{"prefix":"haruni.","suffix":"_logs"},"partitions":3,"replication_factor":3},"cluster_name":"haruni","deleted":false,"limits":{},"maximum_apps":100,"name":"Payments","secrets":["0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"],"status":"active"}],"more":false,"version":7}"#
    )
  }

  @Test("redaction rules of a group and an app are this JSON, and what came before them is read without")
  func redaction() throws {
    let rules = [
      RedactionRule(name: "CARD", .pattern(#"\b\d{16}\b"#), hintStart: 2, hintEnd: 4),
      RedactionRule(name: "MAIL", .path(".users[].email")),
    ]
    try golden(
      GroupProfile(clusterName: ClusterName("haruni"), name: "Payments", status: .active, redaction: rules),
      #"{"cluster_name":"haruni","deleted":false,"limits":{},"maximum_apps":100,"name":"Payments","redaction":[{"hint_end":4,"hint_start":2,"name":"CARD","pattern":"\\b\\d{16}\\b"},{"name":"MAIL","path":".users[].email"}],"secrets":[],"status":"active"}"#
    )
    try golden(
      AppProfile(
        id: AppID(12), clusterName: ClusterName("haruni"), name: "Web API", topicName: "web-api", redaction: []),
      #"{"cluster_name":"haruni","deleted":false,"id":12,"limits":{},"name":"Web API","overload":"refuse","probe":false,"redaction":[],"retention_days":30,"secrets":[],"status":"active","topic_name":"web-api"}"#
    )
    // A newer Market may know of rules that this program does not.
    let unknown = try WireJSON.decode(RedactionRule.self, from: Array(#"{"name":"NEW","detector":"mail"}"#.utf8))
    #expect(unknown == RedactionRule(name: "NEW", nil))
  }

  @Test("a provisioning request is this JSON")
  func request() throws {
    try golden(
      ProvisioningRequest(
        id: "r-1", kind: .create, clusterName: ClusterName("haruni"), groupName: "Payments",
        template: ClusterTemplate(
          name: "tiny", maxTPS: 10, kafkaPartitions: 1, kafkaReplicationFactor: 1,
          components: [.init(type: .kafka, count: 1, cpuLimit: "1-4", memoryLimit: "10GB")]), requestedAt: 1_000),
      #"{"cluster_name":"haruni","group_name":"Payments","kind":"create","request_id":"r-1","requested_at_ms":1000,"template":{"components":[{"count":1,"cpu_limit":"1-4","memory_limit":"10GB","type":"kafka"}],"kafka_partitions":1,"kafka_replication_factor":1,"max_tps":10,"name":"tiny"},"version":1}"#
    )
  }

  @Test("a provisioning event is this JSON")
  func event() throws {
    try golden(
      ProvisioningEvent(
        requestID: "r-1", clusterName: ClusterName("haruni"), status: .bootstrapError, component: "haruni-kafka-01",
        message: "chef-solo exited with 1",
        components: [
          ComponentState(
            hostname: "haruni-kafka-01", type: .kafka, status: .bootstrapError, ipAddress: "10.0.0.1")
        ], cluster: endpoints, at: 2_000),
      #"{"at_ms":2000,"cluster":{"elasticsearch_url":"http://es:9200","kafka_brokers":"k1:9092,k2:9092","minimum_insync_replicas":2,"naming":{"prefix":"haruni.","suffix":"_logs"},"partitions":3,"replication_factor":3},"cluster_name":"haruni","component":"haruni-kafka-01","components":[{"hostname":"haruni-kafka-01","ip_address":"10.0.0.1","message":"","status":"BOOTSTRAP_ERROR","type":"kafka"}],"message":"chef-solo exited with 1","request_id":"r-1","status":"BOOTSTRAP_ERROR","version":1}"#
    )
  }

  @Test("a usage report is this JSON")
  func usage() throws {
    try golden(
      UsageReport(
        service: "router", instance: "r1-abc", clusterName: ClusterName("haruni"), from: 1, to: 2,
        apps: [AppUsage(app: AppID(12), accepted: 3, bytes: 400, refused: ["limit": 2], lastLineAt: 2)]),
      #"{"apps":[{"accepted":3,"app_id":12,"bytes":400,"duplicates":0,"indexed":0,"last_line_at_ms":2,"quarantined":0,"refused":{"limit":2}}],"cluster_name":"haruni","from_ms":1,"instance":"r1-abc","service":"router","to_ms":2,"version":1}"#
    )
  }

  @Test("a usage report with secrets is this JSON")
  func secretUse() throws {
    let hash = try #require(SecretHash(hex: String(repeating: "0a", count: 32)))
    try golden(
      UsageReport(
        service: "router", instance: "r1-abc", clusterName: ClusterName("haruni"), from: 1, to: 2, apps: [],
        secrets: [SecretUse(hash, at: 2)]),
      #"{"apps":[],"cluster_name":"haruni","from_ms":1,"instance":"r1-abc","secrets":[{"at_ms":2,"sha256":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"}],"service":"router","to_ms":2,"version":1}"#
    )
  }
}
