import BaritoCore
import Metrics

/// What the canaries of the groups find. Names are the Provisioner's README's.
struct CanaryMetrics: Sendable {
  private let lines: CounterFamily
  private let refused: CounterFamily
  private let searchable: HistogramFamily
  private let missing: CounterFamily
  private let duplicates: CounterFamily

  /// Groups beyond this are counted as one, `other`.
  static let maximumGroups = 2_000

  init(_ registry: MetricsRegistry) {
    let (labels, maximum) = (["cluster_name"], CanaryMetrics.maximumGroups)
    lines = registry.counters(
      "barito_provisioner_canary_lines_total", "Lines of the canary that the Router took, by group.", labels: labels,
      maximum: maximum)
    refused = registry.counters(
      "barito_provisioner_canary_refused_lines_total", "Lines of the canary that the Router did not take, by group.",
      labels: labels, maximum: maximum)
    searchable = registry.histograms(
      "barito_provisioner_canary_searchable_seconds",
      "From sending a line of the canary until it was searchable, by group.", buckets: .longSeconds, labels: labels,
      maximum: maximum)
    missing = registry.counters(
      "barito_provisioner_canary_missing_lines_total", "Lines of the canary that were not searchable in time.",
      labels: labels, maximum: maximum)
    duplicates = registry.counters(
      "barito_provisioner_canary_duplicate_lines_total", "Lines of the canary that were found more than once.",
      labels: labels, maximum: maximum)
  }

  /// Shows a group's counters from the beginning: an alert on what grows needs to see nought first.
  func begin(_ cluster: ClusterName) {
    for family in [lines, refused, missing, duplicates] { _ = family[cluster.rawValue] }
  }

  func sent(_ cluster: ClusterName, isTaken: Bool) { (isTaken ? lines : refused)[cluster.rawValue].increment() }

  func found(_ finding: CanaryAccount.Finding, _ cluster: ClusterName) {
    switch finding {
    case .searchable(let delay): searchable[cluster.rawValue].observe(delay / .seconds(1))
    case .missing: missing[cluster.rawValue].increment()
    case .duplicate: duplicates[cluster.rawValue].increment()
    }
  }

  func remove(_ cluster: ClusterName) {
    for family in [lines, refused, missing, duplicates] { family.remove(cluster.rawValue) }
    searchable.remove(cluster.rawValue)
  }
}
