import BaritoCore
import HTML
import HTTP

extension WebController {
  /// A page, to whoever asked.
  func render(_ page: any Page, _ call: WebCall, status: Int = 200) async throws -> HTTPResponse {
    var context = PageContext(now: call.now, csrf: call.visitor.csrf)
    var isNoteShown = false
    if case .session(let session) = call.visitor {
      context.viewer = PageContext.Viewer(session.principal)
      context.groups = try await services.groups.list(session.principal).prefix(WebController.groupsInMenu).map {
        PageContext.GroupLink(clusterName: $0.group.clusterName.rawValue, name: $0.group.name)
      }
      if let note = note(call) {
        context.flash = note.text.map { PageContext.Flash(meaning: note.isBad ? .bad : .good, text: $0) }
        isNoteShown = true
      }
    }
    let response = HTTPResponse.html(page.html(in: context).markup, status: status)
    return isNoteShown ? response.with("Set-Cookie", cookies.clearNote) : response
  }

  /// More would not be read in a menu; my apps finds the rest.
  private static let groupsInMenu = 40

  /// The note that waits for the page that is asked for.
  func note(_ call: WebCall) -> Note? {
    guard case .session(let session) = call.visitor,
      let note = Note(sealed: call.request.cookie(cookies.note), for: session), note.page == call.request.path
    else { return nil }
    return note
  }

  /// Sends the browser to a page that shows the note.
  func redirect(with note: Note, _ call: WebCall) throws -> HTTPResponse {
    .redirect(to: note.page).with("Set-Cookie", cookies.setNote(note.sealed(for: try call.session)))
  }

  /// Does what a form asks for and goes to its page, which says what was done, or why not.
  func change(
    on page: String, _ call: WebCall, done: String, _ work: () async throws -> Void
  ) async throws -> HTTPResponse {
    do {
      try await work()
      return try redirect(with: Note(page: page, text: done), call)
    } catch let error as MarketError where error.code.isPageNews {
      return try redirect(with: Note(page: page, text: error.detail, isBad: true), call)
    }
  }

  /// The column at the left inside a group.
  func navigation(
    _ group: AppGroup, apps: [Apps.Detail], current: AppID? = nil, now: Int64
  ) async throws -> GroupNavigation {
    let shown = apps.prefix(WebController.appsInColumn)
    let recent = try await services.apps.accepted(
      of: shown.map(\.app.id), seconds: AppSummary.span, step: AppSummary.step)
    let links = shown.map { detail in
      let summary = AppSummary(detail, recent[detail.app.id] ?? [], now: now)
      return GroupNavigation.AppLink(id: "\(detail.app.id)", name: detail.app.name, state: summary.state)
    }
    return GroupNavigation(
      clusterName: group.clusterName.rawValue, name: group.name, apps: links, appCount: apps.count,
      currentAppID: current.map { "\($0)" })
  }

  private static let appsInColumn = 20
}

extension PageContext.Viewer {
  init(_ principal: Principal) {
    self.init(userName: principal.user.name, isAdministrator: principal.user.isSuperadmin)
  }
}

extension MarketError.Code {
  /// Whether the page that a form stands on is the place to tell of it, because there one sees what to do.
  fileprivate var isPageNews: Bool {
    switch self {
    case .tooManySecrets, .conflict, .lastOwner, .tooManyApps: true
    default: false
    }
  }
}

extension ErrorPage.Kind {
  init(_ code: MarketError.Code) { self = ErrorPage.Kind(rawValue: code.httpStatus) ?? .failed }
}
