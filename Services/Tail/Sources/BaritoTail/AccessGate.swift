import BaritoCore
import BaritoService
import Synchronization

/// Who may tail what: asked of Market, and remembered briefly, so that viewers who come back do not need Market.
final class AccessGate: Sendable {
  private struct Key: Hashable {
    var token: SecretHash
    var apps: [String]
  }

  private struct Known {
    var access: InternalAPI.Access
    var until: UInt64
  }

  private let market: MarketClient
  private let ttl: UInt64
  private let clock: ServiceClock
  private let known = Mutex<[Key: Known]>([:])

  static let maximumKnown = 10_000

  init(market: MarketClient, ttl: Duration, clock: ServiceClock) {
    self.market = market
    self.ttl = ttl.wholeNanoseconds
    self.clock = clock
  }

  /// - Parameter apps: as the viewer named them.
  func ask(token: String, apps: [String]) async throws(TailRefusal) -> InternalAPI.Access {
    let key = Key(token: SecretHash(of: token), apps: apps)
    let now = clock.monotonicNanoseconds
    if let found = known.withLock({ $0[key] }), found.until > now { return found.access }
    return try await market(token, key)
  }

  /// Asks again for a session that runs.
  ///
  /// - Returns: why it must end. Nil also while Market cannot be asked: who was let in stays.
  func revoked(token: String, apps: [String]) async -> TailRefusal? {
    do throws(TailRefusal) {
      _ = try await market(token, Key(token: SecretHash(of: token), apps: apps))
      return nil
    } catch {
      return error.code == .marketUnavailable ? nil : error
    }
  }

  private func market(_ token: String, _ key: Key) async throws(TailRefusal) -> InternalAPI.Access {
    do {
      let access: InternalAPI.Access = try await market.post(
        InternalAPI.accessPath, InternalAPI.AskAccess(token: token, apps: key.apps), timeout: .seconds(5))
      remember(access, key)
      return access
    } catch let refusal as MarketClient.Refusal {
      let reason = AccessGate.refusal(refusal)
      if reason.code != .marketUnavailable { known.withLock { _ = $0.removeValue(forKey: key) } }
      throw reason
    } catch {
      throw TailRefusal(
        .marketUnavailable, "Market does not answer, and it must say who may read: try again", retryAfter: 5)
    }
  }

  private func remember(_ access: InternalAPI.Access, _ key: Key) {
    let now = clock.monotonicNanoseconds
    known.withLock { known in
      if known.count >= AccessGate.maximumKnown { known = known.filter { $0.value.until > now } }
      if known.count < AccessGate.maximumKnown { known[key] = Known(access: access, until: now + ttl) }
    }
  }

  private static func refusal(_ refusal: MarketClient.Refusal) -> TailRefusal {
    switch refusal.status {
    // Market's own 401 for the platform's token has a code of its own and is not the viewer's fault.
    case 401 where refusal.code != "service_token": TailRefusal(.unknownToken, refusal.detail)
    case 403: TailRefusal(.forbidden, refusal.detail)
    case 404: TailRefusal(.unknownApp, refusal.detail)
    default:
      TailRefusal(.marketUnavailable, "Market cannot say who may read (\(refusal.status)): try again", retryAfter: 5)
    }
  }
}
