import BaritoCore
import Metrics

/// What the Provisioner counts. Names are its README's.
struct ProvisionerMetrics: Sendable {
  private let requests: CounterFamily
  private let unreadableRecords: Counter
  private let runningRequests: Gauge
  private let duration: Histogram
  private let events: CounterFamily
  private let driverErrors: CounterFamily
  private let retries: CounterFamily
  private let verificationFailures: Counter
  private let searchable: Histogram

  init(_ registry: MetricsRegistry) {
    requests = registry.counters(
      "barito_provisioner_requests_total", "Requests that ended, by kind and outcome.", labels: ["kind", "outcome"])
    unreadableRecords = registry.counter(
      "barito_provisioner_unreadable_records_total", "Records of the requests' topic that are no requests; skipped.")
    runningRequests = registry.gauge("barito_provisioner_running_requests", "Requests under way.")
    duration = registry.histogram(
      "barito_provisioner_request_duration_seconds", "From when a request began to its end.", buckets: .longSeconds)
    events = registry.counters(
      "barito_provisioner_events_total", "Events that Kafka has acknowledged, by status.", labels: ["status"])
    driverErrors = registry.counters(
      "barito_provisioner_driver_errors_total", "Calls to the driver that failed, by code.", labels: ["code"])
    retries = registry.counters(
      "barito_provisioner_component_retries_total", "Other chances given to components, by step.", labels: ["step"])
    verificationFailures = registry.counter(
      "barito_provisioner_verification_failures_total", "Clusters that no line came through in time.")
    searchable = registry.histogram(
      "barito_provisioner_probe_duration_seconds", "From sending a line to a new cluster until it was searchable.",
      buckets: .seconds)
  }

  func ended(_ kind: ProvisioningRequest.Kind, _ outcome: ProvisioningRun.Outcome, after time: Duration) {
    requests[kind.rawValue, outcome.rawValue].increment()
    duration.observe(time / .seconds(1))
  }

  func superseded(_ kind: ProvisioningRequest.Kind) { requests[kind.rawValue, "superseded"].increment() }

  func unreadable() { unreadableRecords.increment() }

  func running(_ count: Int) { runningRequests.set(count) }

  func reported(_ status: ProvisioningStatus) { events[status.rawValue].increment() }

  func driverFailed(_ code: ProvisionerError.Code) { driverErrors[code.rawValue].increment() }

  func retried(_ step: ComponentRetry.Step) { retries[step.rawValue].increment() }

  func verified(_ proof: Proof) {
    switch proof {
    case .searchable(let delay): searchable.observe(delay / .seconds(1))
    case .failed: verificationFailures.increment()
    case .stopped: break
    }
  }
}
