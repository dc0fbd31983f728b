import HTML

/// What do I paste? The page of an app that has not received a line yet.
struct AppSetUpPage: Page {
  var appID: String
  var name: String
  var topic: String
  /// Where the Router takes lines.
  var router: RouterAddresses
  /// The secret's value, on the one page that may show it.
  var secret: String?
  var group: GroupNavigation?
  /// What holds the first line up, where that is known: the group is still being provisioned.
  var obstacle: String?
  var firstLine = FirstLine.awaited
  /// Whether the viewer may make another secret.
  var mayMakeSecrets = true

  var title: String { name }
  var state: HTML { AppPage.stateFragment(.waiting).placed() }
  var events: String? { MarketRoutes.setUpEvents(appID) }
}

/// The proof that it works, as far as it has been seen. Pure: each look makes the next from the one before.
enum FirstLine: Sendable, Hashable {
  /// Becomes `accepted` or `searchable`.
  case awaited
  /// The Router has told of it; becomes `searchable`.
  case accepted(at: Moment)
  /// Found in Elasticsearch, or Flow has told so, which knows no text. The time is from when the Router accepted it to
  /// when it was found, so it was searchable that soon or sooner; nil when nobody looked in time.
  case searchable(line: String?, withinMilliseconds: Int64?)

  /// Whether looking into the index makes sense.
  var isAwaitedInIndex: Bool { if case .searchable = self { false } else { true } }

  /// A time between two looks that says something of the pipe, and not of when somebody looked.
  private static let patience: Int64 = 60_000

  /// - Parameters:
  ///   - found: the text of a line that the index has.
  ///   - now: milliseconds since 1970.
  func next(_ reading: AppReading, found: String?, now: Int64) -> FirstLine {
    guard isAwaitedInIndex, let lastLineAt = reading.lastLineAt else { return self }
    var acceptedAt = lastLineAt
    if case .accepted(let at) = self { acceptedAt = at.milliseconds }
    guard found != nil || reading.indexedEver > 0 else { return .accepted(at: Moment(milliseconds: acceptedAt)) }
    let passed = now - acceptedAt
    return .searchable(line: found, withinMilliseconds: (0...FirstLine.patience).contains(passed) ? passed : nil)
  }
}
