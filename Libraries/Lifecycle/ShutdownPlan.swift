/// What a group of services does when something happens: the decisions, without their effects.
///
/// running → draining (the hooks have run) → stopping (one service after the other, last first) → ended.
struct ShutdownPlan: Equatable {
  enum Phase: Equatable {
    case running
    /// Waits before the first service is told.
    case draining
    /// This service was told and is awaited.
    case stopping(Int)
    case ended
  }

  enum Event: Equatable {
    /// Somebody wants the group to end.
    case requested
    case drained
    case ended(Int)
  }

  enum Action: Equatable {
    case nothing
    case runHooks
    case tell(Int)
    case finish
  }

  private(set) var phase = Phase.running
  private(set) var alive: Set<Int>

  init(services: Int) { alive = Set(0..<services) }

  /// What to do now.
  mutating func handle(_ event: Event) -> Action {
    switch event {
    case .requested: return begin()
    case .drained: return phase == .draining ? stopNext() : .nothing
    case .ended(let service):
      alive.remove(service)
      switch phase {
      case .running: return begin()
      // There may be nothing left to drain.
      case .draining: return alive.isEmpty ? stopNext() : .nothing
      case .stopping(let current): return current == service ? stopNext() : .nothing
      case .ended: return .nothing
      }
    }
  }

  private mutating func begin() -> Action {
    guard phase == .running else { return .nothing }
    phase = .draining
    return .runHooks
  }

  /// Dependencies stand first in the list, so the last one is the first to go.
  private mutating func stopNext() -> Action {
    guard let next = alive.max() else {
      phase = .ended
      return .finish
    }
    phase = .stopping(next)
    return .tell(next)
  }
}
