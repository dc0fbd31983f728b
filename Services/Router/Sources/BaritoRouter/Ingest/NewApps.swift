import BaritoCore
import BaritoService
import Curl

/// Makes the app that a group's secret names for the first time: asks Market, which holds the group to its cap.
///
/// One question for an app at a time, however many requests wait for the answer; a no is remembered for a moment, so
/// that a sender who does not listen asks the Router and not Market.
actor NewApps {
  private struct Name: Hashable {
    var cluster: ClusterName
    var topicName: String
  }

  private let market: MarketClient
  private let profiles: ProfileFeed
  private var underway: [Name: Task<AppProfile, any Error>] = [:]
  private var refusals: [Name: (refusal: Refusal, until: ContinuousClock.Instant)] = [:]

  /// How long a no counts.
  static let memory: Duration = .seconds(5)
  /// How many are remembered.
  static let maximumRefusals = 10_000

  init(market: MarketClient, profiles: ProfileFeed) {
    self.market = market
    self.profiles = profiles
  }

  /// - Parameter topicName: what `AppName` makes of the name.
  func make(_ name: String, topicName: String, in group: GroupProfile) async throws(Refusal) -> Admission.Destination {
    let key = Name(cluster: group.clusterName, topicName: topicName)
    if let known = refusals[key] {
      if ContinuousClock.now < known.until { throw known.refusal }
      refusals[key] = nil
    }
    let app: AppProfile
    do {
      app = try await ask(name, key).value
    } catch {
      let refusal = error as? Refusal ?? NewApps.marketAway("\(error)")
      if refusal.retryAfter == nil { remember(refusal, key) }
      throw refusal
    }
    switch Admission(app, of: group) {
    case .admitted(let destination): return destination
    case .refused(let refusal): throw refusal
    case .unknownApp: throw NewApps.marketAway("it made an app of another group")
    }
  }

  /// A task of its own: the request that came first may be cancelled while others wait for the same app.
  private func ask(_ name: String, _ key: Name) -> Task<AppProfile, any Error> {
    if let task = underway[key] { return task }
    let task = Task {
      defer { underway[key] = nil }
      let app = try await ask(name, of: key.cluster)
      profiles.learn(app)
      return app
    }
    underway[key] = task
    return task
  }

  private func remember(_ refusal: Refusal, _ key: Name) {
    if refusals.count >= NewApps.maximumRefusals { refusals = [:] }
    refusals[key] = (refusal, .now + NewApps.memory)
  }

  private nonisolated func ask(_ name: String, of cluster: ClusterName) async throws(Refusal) -> AppProfile {
    do {
      return try await market.post(
        InternalAPI.appsPath, InternalAPI.CreateApp(clusterName: cluster, name: name), timeout: .seconds(5))
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
