import HTML

/// A page: plain data, and a view that is a function of it.
protocol Page: Sendable {
  /// The heading, and the window's title.
  var title: String { get }
  /// The state, beside the heading.
  var state: HTML { get }
  /// The main action, at the end of the heading's line.
  var action: HTML { get }
  /// The group that the page belongs to; its sections stand in the left column.
  var group: GroupNavigation? { get }
  /// Whether the content has a search of its own, which then takes the place of the one in the bar.
  var hasSearch: Bool { get }
  /// Where its live parts are streamed from; nil when it has none.
  var events: String? { get }
  /// How wide the content is.
  var width: PageWidth { get }
  /// What stands below the heading.
  func content(in context: PageContext) -> HTML
}

extension Page {
  var state: HTML { "" }
  var action: HTML { "" }
  var group: GroupNavigation? { nil }
  var hasSearch: Bool { false }
  var events: String? { nil }
  var width: PageWidth { .wide }
}

/// Tables want width, text and forms do not, and who signs in sees nothing but the form.
enum PageWidth: String, Sendable {
  case wide, text, alone
}

/// What every page needs to know of the request it answers.
struct PageContext: Sendable {
  var now: Moment
  var csrf: CSRFToken
  /// Nil before signing in.
  var viewer: Viewer?
  /// The groups that the viewer may see, by name.
  var groups: [GroupLink] = []
  /// What the last request did, shown once.
  var flash: Flash?

  struct Viewer: Sendable {
    var userName: String
    var isAdministrator: Bool
  }

  struct GroupLink: Sendable {
    var clusterName: String
    var name: String
  }

  struct Flash: Sendable {
    var meaning: Meaning
    var text: String
  }
}

/// The left column inside a group.
struct GroupNavigation: Sendable {
  var clusterName: String
  var name: String
  /// The first of its apps, at most as many as fit a screen.
  var apps: [AppLink]
  /// Of all apps.
  var appCount: Int
  /// The app whose page this is; nil on the group's own page.
  var currentAppID: String?

  struct AppLink: Sendable {
    var id: String
    var name: String
    var state: AppState
  }
}
