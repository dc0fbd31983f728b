import BaritoCore
import BaritoService
import Curl

/// Makes the app that a group's secret names for the first time: asks Market, which holds the group to its cap.
struct NewApps: Sendable {
  let market: MarketClient
  let profiles: ProfileFeed

  func make(_ name: String, in group: GroupProfile) async throws(Refusal) -> Admission.Destination {
    let app = try await ask(name, group)
    profiles.learn(app)
    switch Admission(app, of: group) {
    case .admitted(let destination): return destination
    case .refused(let refusal): throw refusal
    case .unknownApp: throw NewApps.marketAway("it made an app of another group")
    }
  }

  private func ask(_ name: String, _ group: GroupProfile) async throws(Refusal) -> AppProfile {
    do {
      return try await market.post(
        InternalAPI.appsPath, InternalAPI.CreateApp(clusterName: group.clusterName, name: name), timeout: .seconds(5))
    } catch let refusal as MarketClient.Refusal {
      switch refusal.status {
      case 403: throw Refusal(.tooManyApps, refusal.detail)
      case 400, 422: throw Refusal(.invalidAppName, refusal.detail)
      case 404: throw Refusal(.groupInactive, refusal.detail)
      default: throw NewApps.marketAway(refusal.description)
      }
    } catch {
      throw NewApps.marketAway("\(error)")
    }
  }

  private static func marketAway(_ reason: String) -> Refusal {
    Refusal(
      .marketUnavailable,
      "The app is not known here yet and Market, which could make it, cannot be asked (\(reason)); send the batch again.",
      retryAfter: .seconds(5))
  }
}
