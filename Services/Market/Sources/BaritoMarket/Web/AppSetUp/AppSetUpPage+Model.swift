import HTML

/// What do I paste? The page of an app that has not received a line yet.
struct AppSetUpPage: Page {
  var appID: String
  var name: String
  var topic: String
  /// Where the Router takes batches.
  var endPoint: String
  /// The secret's value, on the one page that may show it.
  var secret: String?
  var group: GroupNavigation?
  /// What holds the first line up, where that is known: the group is still being provisioned.
  var obstacle: String?
  var firstLine = FirstLine.awaited

  var title: String { name }
  var state: HTML { UI.statusBadge(.unknown, AppState.waiting.word) }
}

/// The proof that it works.
enum FirstLine: Sendable, Hashable {
  case awaited
  /// Accepted by the Router, not searchable yet.
  case accepted(line: String)
  /// Found in Elasticsearch, that long after it was accepted.
  case searchable(line: String, afterMilliseconds: Int64)
}
