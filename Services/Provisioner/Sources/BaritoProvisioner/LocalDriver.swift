import BaritoCore
import Curl
import Kafka
import Logging

/// Points groups at the Kafka and Elasticsearch of this machine. A group is there when both answer.
///
/// A deleted group's topics and indices stay until their retention is over: others share the brokers, and nothing here
/// may delete by pattern.
struct LocalDriver: Driver {
  private let settings: LocalSettings
  private let kafka: KafkaAdmin
  private let http = CurlPool(clients: 2)

  init(_ settings: LocalSettings, kafka: KafkaConfiguration, logger: Logger) throws(KafkaError) {
    self.settings = settings
    var configuration = kafka
    configuration.brokers = settings.kafkaBrokers
    self.kafka = try KafkaAdmin(configuration, logger: logger)
  }

  func plan(_ request: ProvisioningRequest) -> ProvisioningPlan { ProvisioningPlan(request, local: settings) }

  func apply(_ plan: ProvisioningPlan) {}

  func retry(_ retry: ComponentRetry, of plan: ProvisioningPlan) {}

  func observe(_ plan: ProvisioningPlan) async -> [ComponentState] {
    var states: [ComponentState] = []
    for instance in plan.instances {
      let trouble = instance.type == .kafka ? await kafkaTrouble() : await elasticsearchTrouble()
      states.append(
        ComponentState(
          hostname: instance.hostname, type: instance.type, status: trouble == nil ? .bootstrapFinished : .pending,
          message: trouble ?? ""))
    }
    return states
  }

  private func kafkaTrouble() async -> String? {
    do throws(KafkaError) {
      try await kafka.ping()
      return nil
    } catch {
      return
        "Kafka at \(settings.kafkaBrokers) does not answer (\(error.detail)): start it, or mend local.kafka.brokers"
    }
  }

  private func elasticsearchTrouble() async -> String? {
    let remedy = "start it, or mend local.elasticsearch.url"
    let url = URLText.redacted(settings.elasticsearchURL)
    do throws(CurlError) {
      let answer = try await http.perform(CurlRequest("GET", settings.elasticsearchURL + "/", timeout: .seconds(5)))
      return answer.isSuccess ? nil : "Elasticsearch at \(url) answers \(answer.status): \(remedy)"
    } catch {
      return "Elasticsearch at \(url) does not answer (\(error.detail)): \(remedy)"
    }
  }
}
