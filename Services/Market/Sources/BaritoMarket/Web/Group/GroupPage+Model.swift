import BaritoCore
import HTML

/// What runs for us?
struct GroupPage: Page {
  var clusterName: String
  var name: String
  var template: String
  var maxTPS: Int
  /// What was measured of the group as a whole.
  var meaning: Meaning
  /// In words: `Active`, `Provisioning`, `Needs a person`.
  var status: String
  var group: GroupNavigation?
  /// Of its provisioning; empty when it needed none.
  var steps: [Step] = []
  var isProvisioned = true
  var apps: [MyAppsPage.Row] = []
  var components: [ComponentRow] = []
  var members: [Member] = []
  var mayRegister = true
  /// Whether the viewer may have a failed step tried again.
  var mayRetry = false
  /// What is taken out of the lines of apps that have no rules of their own.
  var redaction: [RedactionRule] = []
  /// The group's limits, for viewers who may set them; nil for others.
  var limitsForm: LimitsForm?

  /// One step of provisioning.
  struct Step: Sendable {
    enum State: String, Sendable {
      case waiting, running, finished, failed
    }

    var name: String
    var state: State
    var startedAt: Moment?
    var finishedAt: Moment?
    /// What is happening, or what went wrong and what to do about it.
    var detail = ""
  }

  /// One node.
  struct ComponentRow: Sendable {
    var name: String
    /// `kafka`, `elasticsearch`, …
    var kind: String
    var host: String
    var meaning: Meaning
    /// `Running`, `Not reachable`, …
    var state: String
    var message = ""
  }

  struct Member: Sendable {
    var userName: String
    var role: String
  }

  var title: String { name }
  var state: HTML { Self.stateFragment(meaning, status).placed() }
  var events: String? { MarketRoutes.groupEvents(clusterName) }
  var action: HTML {
    mayRegister && !apps.isEmpty
      ? UI.mainAction("Register app", to: MarketRoutes.register(inGroup: clusterName)) : ""
  }
}
