import FoundationEssentials
import Kafka
import Metrics
import Settings
import Testing

@testable import BaritoProvisioner

@Suite("Configuration") struct ConfigurationTests {
  private let token = ["service.token": "service-token-of-tests"]

  private func configuration(_ values: [String: String]) throws -> ProvisionerConfiguration {
    try ProvisionerConfiguration(
      ProvisionerService.program.reader(values.merging(token) { given, _ in given }))
  }

  @Test("without anything it works on this machine")
  func defaults() throws {
    let configuration = try configuration(["kafka.brokers": "k:1"])
    guard case .local(let local) = configuration.driver else {
      Issue.record("the driver is not local")
      return
    }
    #expect(local.kafkaBrokers == "k:1")
    #expect(configuration.kafka.consumer.group == "barito-provisioner")
    #expect(configuration.verifyTimeout == .seconds(300))
    #expect(configuration.limits.componentTimeout == .seconds(1800))
    #expect(configuration.concurrent == 4)
  }

  @Test("Pathfinder needs an address and a token, and both are said at once")
  func pathfinder() throws {
    do {
      _ = try configuration(["driver": "pathfinder"])
      Issue.record("it was taken")
    } catch let error as SettingsErrors {
      #expect(error.problems.map(\.subject) == ["pathfinder.url", "pathfinder.token"])
    }
    let given = try configuration([
      "driver": "pathfinder", "pathfinder.url": "http://pf:8080/", "pathfinder.token": "t", "pathfinder.image": "x",
    ])
    guard case .pathfinder(let pathfinder) = given.driver else {
      Issue.record("the driver is not Pathfinder")
      return
    }
    #expect(pathfinder.url == "http://pf:8080")
    #expect(pathfinder.settings.image == "x")
    #expect(pathfinder.settings.cluster == "barito")
  }

  @Test("the README names every setting with its meaning, and every metric")
  func readme() throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../Services/Provisioner/README.md")
    let text = String(decoding: try Data(contentsOf: url.standardizedFileURL), as: UTF8.self)
    for setting in ProvisionerConfiguration.settings.map(\.declaration) {
      let key = setting.isFamily ? "\(setting.key).*" : setting.key
      let row = text.split(separator: "\n").first { $0.hasPrefix("| `\(key)` |") }
      #expect(row?.contains(setting.meaning.replacingPipes) == true, "\(key)")
      if let value = setting.defaultText, !value.isEmpty, !setting.isSecret {
        #expect(row?.contains("`\(value)`") == true, "\(key)")
      }
    }
    let registry = MetricsRegistry()
    _ = ProvisionerMetrics(registry)
    _ = CanaryMetrics(registry)
    for (name, kind) in registry.names {
      #expect(text.contains("| `\(name)` | \(kind.rawValue) |"), "\(name)")
    }
    let named = text.split(separator: "\n").filter { $0.hasPrefix("| `barito_provisioner_") }
    #expect(named.count == registry.names.count)
  }
}

extension String {
  fileprivate var replacingPipes: String {
    split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }
}
