import BaritoCore
import Testing

@testable import BaritoProvisioner

@Suite("Plan") struct PlanTests {
  @Test("a template becomes one deployment for each kind of component, with containers numbered from 01")
  func names() {
    let plan = ProvisioningPlan(request(template: .medium), pathfinder: pathfinderSettings)
    #expect(
      plan.deployments.map(\.name)
        == ["consul", "zookeeper", "kafka", "elasticsearch", "flow", "kibana"].map { "haza-\($0)" })
    #expect(plan.deployments.map(\.desiredReplicas) == [3, 3, 3, 3, 2, 1])
    #expect(plan.deployments.map(\.minimumReplicas) == [2, 2, 2, 2, 1, 0])
    #expect(
      plan.instances.filter { $0.type == .kafka }.map(\.hostname)
        == ["haza-kafka-01", "haza-kafka-02", "haza-kafka-03"])
    #expect(plan.instances.count == 15)
  }

  @Test("the same request always makes the same plan")
  func pure() throws {
    let plans = (0..<5).map { _ in ProvisioningPlan(request(template: .large), pathfinder: pathfinderSettings) }
    #expect(Set(try plans.map { try WireJSON.encode($0.deployments) }).count == 1)
  }

  @Test("the manifest of Kafka is what Pathfinder takes, to the byte")
  func golden() throws {
    let plan = ProvisioningPlan(request(), pathfinder: pathfinderSettings)
    let manifest = try #require(plan.deployments.first { $0.name == "haza-kafka" })
    let text = String(decoding: try WireJSON.encode(manifest), as: UTF8.self)
    #expect(
      text
        == #"{"cluster_name":"barito","definition":{"allow_failure":"false","bootstrappers":[{"bootstrap_attributes":"#
        + #"{"kafka":{"broker_id":"$pf-meta:container_id","config":{"auto.create.topics.enable":false,"#
        + #""default.replication.factor":1,"min.insync.replicas":1,"num.partitions":2},"#
        + #""hosts":"$pf-meta:deployment_ip_addresses?deployment_name=haza-kafka","hosts_count":2,"port":9092,"#
        + #""zookeeper":{"hosts":"$pf-meta:deployment_ip_addresses?deployment_name=haza-zookeeper","port":2181}},"#
        + #""run_list":["role[kafka]"]},"bootstrap_cookbooks_url":"https://example.test/cookbooks.tar.gz","#
        + #""bootstrap_type":"chef-solo"}],"container_type":"stateful","healthcheck":{"endpoint":"","payload":"","#
        + #""port":9500,"timeout":"","type":"tcp"},"resource":{"cpu_limit":"1-4","mem_limit":"10GB"},"#
        + #""source":{"alias":"ubuntu/22.04","fingerprint":"","mode":"pull","remote":{"name":"barito-registry"},"#
        + #""source_type":"image"},"strategy":"RollingUpdate"},"deployment_cluster_name":"haza","#
        + #""desired_num_replicas":2,"min_available_replicas":1,"name":"haza-kafka","type":"deployment"}"#)
  }

  @Test(
    "components find each other through Pathfinder",
    arguments: [
      ("flow", ["deployment_name=haza-kafka", "deployment_name=haza-elasticsearch", "role[barito-flow-consumer]"]),
      ("kibana", ["deployment_name=haza-elasticsearch", "role[kibana]"]),
      ("kafka", ["deployment_name=haza-zookeeper", "deployment_name=haza-consul", "role[kafka]"]),
      ("zookeeper", ["deployment_host_sequences?host=haza-zookeeper&self_host=0.0.0.0", "$pf-meta:container_id"]),
      ("consul", ["deployment_name=haza-consul", "\"run_as_server\":true"]),
      ("elasticsearch", ["deployment_name=haza-elasticsearch", "role[elasticsearch]"]),
    ])
  func references(component: String, expected: [String]) throws {
    let plan = ProvisioningPlan(request(template: .small), pathfinder: pathfinderSettings)
    let manifest = try #require(plan.deployments.first { $0.name == "haza-\(component)" })
    let text = String(decoding: try WireJSON.encode(manifest.definition.bootstrappers), as: UTF8.self)
    for part in expected { #expect(text.contains(part), "\(part) in \(text)") }
  }

  @Test("each kind of component may have an image of its own")
  func images() {
    var settings = pathfinderSettings
    settings.image = "barito-{component}-8"
    let plan = ProvisioningPlan(request(), pathfinder: settings)
    #expect(
      plan.deployments.map(\.definition.source.alias)
        == ["barito-zookeeper-8", "barito-kafka-8", "barito-elasticsearch-8"])
  }

  @Test("a manifest is read as it was written")
  func roundTrip() throws {
    let plan = ProvisioningPlan(request(template: .large), pathfinder: pathfinderSettings)
    let bytes = try WireJSON.encode(plan.deployments)
    #expect(try WireJSON.decode([PathfinderManifest].self, from: bytes) == plan.deployments)
  }

  @Test("a deletion wants the same deployments without any replica, and waits for no instance")
  func deletion() {
    let plan = ProvisioningPlan(request(.delete), pathfinder: pathfinderSettings)
    #expect(plan.deployments.map(\.name) == ["haza-zookeeper", "haza-kafka", "haza-elasticsearch"])
    #expect(plan.deployments.allSatisfy { $0.desiredReplicas == 0 && $0.minimumReplicas == 0 })
    #expect(plan.instances.isEmpty)
  }

  @Test("the end points are the containers' addresses, and none while one is missing")
  func endpoints() {
    let plan = ProvisioningPlan(request(template: .medium), pathfinder: pathfinderSettings)
    var states = plan.instances.enumerated().map { index, instance in
      ComponentState(
        hostname: instance.hostname, type: instance.type, status: .bootstrapFinished, ipAddress: "10.0.0.\(index)")
    }
    let found = plan.endpoints(states.shuffled())
    #expect(found?.kafkaBrokers == "10.0.0.6:9092,10.0.0.7:9092,10.0.0.8:9092")
    #expect(found?.elasticsearchURL == "http://10.0.0.9:9200")
    #expect(found?.kibanaURL == "http://10.0.0.14:5601")
    #expect(found?.naming == TopicNaming())
    #expect(found?.partitions == 3)
    #expect(found?.replicationFactor == 3)
    #expect(found?.minimumInsyncReplicas == 2)
    states[7].ipAddress = nil
    #expect(plan.endpoints(states) == nil)
    states[7].ipAddress = "fd00::7"
    #expect(plan.endpoints(states)?.kafkaBrokers.contains("[fd00::7]:9092") == true)
  }

  @Test("on one machine groups share Kafka and Elasticsearch under names of their own")
  func local() {
    let settings = LocalSettings(
      kafkaBrokers: "127.0.0.1:9092", elasticsearchURL: "http://127.0.0.1:9200", replicationFactor: 1)
    let plan = ProvisioningPlan(request(), local: settings)
    #expect(plan.instances.map(\.hostname) == ["local-kafka", "local-elasticsearch"])
    let endpoints = plan.endpoints([])
    #expect(endpoints?.naming.topic(for: "web") == "haza.web_logs")
    #expect(endpoints?.partitions == 2)
    #expect(ProvisioningPlan(request(.delete), local: settings).instances.isEmpty)
  }
}
