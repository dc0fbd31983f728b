import Testing

@testable import Lifecycle

@Suite("ShutdownPlan")
struct ShutdownPlanTests {
  @Test("the last service is told first, each after the one before has ended")
  func order() {
    var plan = ShutdownPlan(services: 3)
    #expect(plan.handle(.requested) == .runHooks)
    #expect(plan.handle(.drained) == .tell(2))
    #expect(plan.handle(.ended(2)) == .tell(1))
    #expect(plan.handle(.ended(1)) == .tell(0))
    #expect(plan.handle(.ended(0)) == .finish)
    #expect(plan.phase == .ended)
  }

  @Test("a service that ends by itself begins the shutdown of the rest")
  func early() {
    var plan = ShutdownPlan(services: 3)
    #expect(plan.handle(.ended(1)) == .runHooks)
    #expect(plan.handle(.drained) == .tell(2))
    #expect(plan.handle(.ended(2)) == .tell(0))
    #expect(plan.handle(.ended(0)) == .finish)
  }

  @Test("a service that ends out of turn is not told, and does not move the turn")
  func outOfTurn() {
    var plan = ShutdownPlan(services: 3)
    _ = plan.handle(.requested)
    #expect(plan.handle(.drained) == .tell(2))
    #expect(plan.handle(.ended(0)) == .nothing)
    #expect(plan.handle(.ended(2)) == .tell(1))
    #expect(plan.handle(.ended(1)) == .finish)
  }

  @Test("a second request changes nothing, and draining happens once")
  func repeated() {
    var plan = ShutdownPlan(services: 2)
    #expect(plan.handle(.requested) == .runHooks)
    #expect(plan.handle(.requested) == .nothing)
    #expect(plan.handle(.drained) == .tell(1))
    #expect(plan.handle(.requested) == .nothing)
    #expect(plan.handle(.drained) == .nothing)
  }

  @Test("where all end while draining, nobody is left to tell")
  func allGone() {
    var plan = ShutdownPlan(services: 2)
    _ = plan.handle(.requested)
    #expect(plan.handle(.ended(0)) == .nothing)
    #expect(plan.handle(.ended(1)) == .finish)
    #expect(plan.handle(.drained) == .nothing)
  }

  @Test("no services end at once")
  func none() {
    var plan = ShutdownPlan(services: 0)
    #expect(plan.handle(.requested) == .runHooks)
    #expect(plan.handle(.drained) == .finish)
  }
}
