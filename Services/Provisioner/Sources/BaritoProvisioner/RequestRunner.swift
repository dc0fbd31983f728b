import BaritoCore
import BaritoService
import Lifecycle
import Logging

/// Waits; false when the service is to stop instead.
typealias Pause = @Sendable (Duration) async -> Bool

/// Performs what `ProvisioningRun` decides, one effect after another, each event safe before what follows from it.
struct RequestRunner: Sendable {
  let driver: any Driver
  let events: any EventLog
  let prover: any Prover
  let limits: ProvisioningRun.Limits
  let pollInterval: Duration
  let metrics: ProvisionerMetrics
  let clock: ServiceClock
  let logger: Logger
  var pause: Pause = { await sleepUntilGracefulShutdown($0) }

  /// Takes a request to its end, however long that is.
  ///
  /// - Returns: nil when it was told to stop before; then it can be begun again.
  /// - Throws: what no repetition mends, such as a Kafka client that has died.
  func run(_ request: ProvisioningRequest) async throws -> ProvisioningRun.Outcome? {
    let plan = driver.plan(request)
    var run = ProvisioningRun(request.kind, plan, limits)
    var states: [ComponentState] = []
    var step = run.begin(now: now)
    while true {
      for report in step.reports {
        if isStopping { return nil }
        do {
          try await events.append(event(report, states, of: request))
        } catch is CancellationError {
          return nil
        }
      }
      if isStopping { return nil }
      switch step.action {
      case .end(let outcome): return outcome
      case .wait:
        guard await pause(pollInterval) else { return nil }
        step = run.resumed()
      case .apply:
        do throws(ProvisionerError) {
          try await driver.apply(plan)
          step = run.applied(now: now)
        } catch {
          step = failed(error, &run)
        }
      case .observe:
        do throws(ProvisionerError) {
          states = try await driver.observe(plan)
          step = run.observed(states, now: now)
        } catch {
          step = failed(error, &run)
        }
      case .retry(let retries):
        for retry in retries { await perform(retry, plan) }
        step = .init(action: .wait)
      case .verify(let endpoints):
        let proof = await prover.prove(request.clusterName, endpoints)
        if proof == .stopped { return nil }
        metrics.verified(proof)
        step = run.verified(proof)
      }
    }
  }

  /// A retry that fails is no more than one that did not help.
  private func perform(_ retry: ComponentRetry, _ plan: ProvisioningPlan) async {
    metrics.retried(retry.step)
    do throws(ProvisionerError) {
      try await driver.retry(retry, of: plan)
    } catch {
      metrics.driverFailed(error.code)
      logger.warning("a component could not be given another chance", ["error": error.detail])
    }
  }

  private func failed(_ error: ProvisionerError, _ run: inout ProvisioningRun) -> ProvisioningRun.Step {
    metrics.driverFailed(error.code)
    logger.debug("the driver failed", ["error": error.detail])
    return run.failed(error, now: now)
  }

  private func event(
    _ report: ProvisioningRun.Report, _ states: [ComponentState], of request: ProvisioningRequest
  ) -> ProvisioningEvent {
    ProvisioningEvent(
      requestID: request.id, clusterName: request.clusterName, status: report.status, component: report.component,
      message: report.message, components: states, cluster: report.cluster, at: clock.wallMilliseconds)
  }

  private var isStopping: Bool { GracefulShutdown.current.isRequested }

  private var now: Duration { .nanoseconds(Int64(clamping: clock.monotonicNanoseconds)) }
}
