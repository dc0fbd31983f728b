import BaritoCore
import HTML

/// Is it fine, and how much do I use?
struct AppPage: Page {
  var appID: String
  var name: String
  var topic: String
  var indexPrefix: String
  /// Where the Router takes lines.
  var router: RouterAddresses
  var appState: AppState
  var group: GroupNavigation?
  var numbers: Numbers
  var limits: Limits
  var refusals: [Refusal] = []
  var secrets: [Secret] = []
  /// The value of a secret that was made a moment ago, shown this once.
  var newSecret: String?
  var retentionDays: Int
  /// Where its lines are read; nil while the group has no Kibana.
  var kibanaURL: String?
  /// Whether the viewer may make and revoke secrets.
  var mayChangeSecrets = true
  /// What is taken out of its lines.
  var redaction: [RedactionRule] = []
  /// Whether those are its group's rules.
  var isRedactionInherited = true
  /// The app's limits, for viewers who may set them; nil for others.
  var limitsForm: LimitsForm?

  /// What was measured, and when.
  struct Numbers: Sendable {
    var measuredAt: Moment?
    var acceptedPerSecond = 0.0
    var bytesPerSecond = 0.0
    var refusedPerSecond = 0.0
    var quarantinedPerSecond = 0.0
    var lagMilliseconds: Int64?
    var lastLineAt: Moment?
    var lastHour: TimeSeriesChart
  }

  struct Limits: Sendable {
    var linesPerSecond: Double
    var bytesPerSecond: Double?
  }

  /// A reason for which lines were refused in the last hour.
  struct Refusal: Sendable {
    /// The closed code of the problem document.
    var code: String
    var count: Int
    var lastAt: Moment
    /// What it means and how to mend it.
    var remedy: String
  }

  struct Secret: Sendable {
    /// Its number: nothing of its value is kept that could be shown.
    var id: String
    var createdAt: Moment
    /// To about a minute; nil: never.
    var lastUsedAt: Moment?
  }

  /// An app has at most two secrets at a time: the old and the new one of a rotation.
  static let secretLimit = 2

  var title: String { name }
  var state: HTML { Self.stateFragment(appState).placed() }
  var events: String? { MarketRoutes.appEvents(appID) }
  var action: HTML {
    guard let kibanaURL else { return "" }
    return "<a class=\"button primary\" href=\"\(kibanaURL)\">Open in Kibana</a>"
  }
}
