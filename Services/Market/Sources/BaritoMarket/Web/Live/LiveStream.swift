import HTML
import HTTP

extension WebController {
  /// Streams parts of a page, each when it has changed, for as long as the viewer stays and may see it.
  /// - Parameters:
  ///   - permit: throws when the viewer may not see it any more.
  ///   - parts: renders the parts at a moment.
  func stream(
    _ call: WebCall, permit: @escaping @Sendable () async throws -> Void,
    parts: @escaping @Sendable (Moment) async throws -> [LivePart]
  ) -> HTTPResponse {
    let (tempo, services) = (tempo, services)
    return .events { writer in
      let clock = ContinuousClock()
      var sent: [String: String] = [:]
      var (permittedAt, wroteAt) = (clock.now, clock.now)
      try await writer.write("retry: 2000\n\n")
      while !writer.isClosed {
        if clock.now - permittedAt >= tempo.permission {
          // The browser comes back, and is told as any other request is.
          guard (try? await permit()) != nil else { return }
          permittedAt = clock.now
        }
        let now = Moment(milliseconds: services.clock())
        for part in try await parts(now) where sent[part.fragment.name] != part.identity {
          sent[part.fragment.name] = part.identity
          try await writer.write(part.fragment.serverSentEvent)
          wroteAt = clock.now
        }
        if clock.now - wroteAt >= tempo.heartbeat {
          try await writer.write(": still here\n\n")
          wroteAt = clock.now
        }
        try await clock.sleep(for: tempo.interval)
      }
    }
  }

  /// Makes sure that whoever opened a stream is still signed in.
  func stillSignedIn(_ call: WebCall) async throws -> Principal {
    let cookie = call.request.cookie(services.authenticator.cookie.name)
    guard let session = try await services.authenticator.session(cookie: cookie) else {
      throw MarketError(.unauthenticated, "Nobody is signed in any more.")
    }
    return session.principal
  }
}

/// A part of a page with what tells whether it is news: ages of things grow by themselves in the browser.
struct LivePart: Sendable {
  var fragment: LiveFragment
  var identity: String

  /// - Parameter render: makes the part at a moment; what differs at no moment is no news.
  init(at now: Moment, _ render: (Moment) -> LiveFragment) {
    fragment = render(now)
    identity = render(Moment(milliseconds: 0)).html.markup
  }
}
