internal import BaritoCore
internal import Logging

/// Takes the Provisioner's events into the database: the state of the request, its components, the group's stage.
struct ProvisioningProgress {
  private let transaction: Transaction
  private let logger: Logger

  init(_ transaction: Transaction, logger: Logger) {
    self.transaction = transaction
    self.logger = logger
  }

  func apply(_ event: ProvisioningEvent) async throws {
    let store = ProvisioningStore(transaction)
    guard var infrastructure = try await store.lock(event.requestID),
      infrastructure.clusterName == event.clusterName
    else {
      logger.warning(
        "an event is about a request that is not known",
        ["request": event.requestID, "cluster": "\(event.clusterName)"])
      return
    }
    _ = try await store.append(event)
    let isNews = infrastructure.state.apply(event)
    if isNews { try await store.update(event.requestID, to: infrastructure.state) }
    try await store.put(event.components, of: infrastructure.group, at: event.at)
    if let component = event.component {
      try await store.update(component: component, of: infrastructure.group, with: event)
    }
    try await advance(infrastructure, event, isNews: isNews)
  }

  /// Moves the group on, when the event is of its newest request and that one is to make its cluster.
  private func advance(_ infrastructure: Infrastructure, _ event: ProvisioningEvent, isNews: Bool) async throws {
    guard infrastructure.kind == .create,
      try await ProvisioningStore(transaction).newest(of: infrastructure.group)?.requestID == event.requestID,
      let group = try await GroupStore(transaction).find(infrastructure.group)
    else { return }
    var changed = group
    if let cluster = event.cluster, isNews || group.endpoints == nil { changed.endpoints = cluster }
    changed.stage = GroupStage.after(
      group.stage, state: infrastructure.state, hasEndpoints: changed.endpoints != nil)
    guard changed != group else { return }
    try await GroupStore(transaction).update(changed)
  }
}
