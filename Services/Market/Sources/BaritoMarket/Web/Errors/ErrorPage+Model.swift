import HTML

/// What now?
struct ErrorPage: Page {
  /// The status that goes with the page.
  enum Kind: Int, Sendable, CaseIterable {
    case malformed = 400
    case signedOut = 401
    case forbidden = 403
    case notFound = 404
    case conflict = 409
    case invalid = 422
    case tooMany = 429
    case failed = 500
    case unavailable = 503
  }

  var kind: Kind
  /// By which the platform team finds what happened.
  var requestID: String
  /// Says more than the kind does, where more is known and may be told.
  var detail: String?
  /// The page that was asked for, where asking again may help.
  var retryPath: String?

  var title: String {
    switch kind {
    case .malformed, .conflict, .invalid: "This was not done"
    case .signedOut: "You are not signed in"
    case .forbidden: "You may not do this"
    case .notFound: "There is nothing here"
    case .tooMany: "Too many attempts"
    case .failed: "This did not work"
    case .unavailable: "Not now"
    }
  }
  var width: PageWidth { .alone }

  /// What happened, and how to mend it.
  var sentence: String {
    if let detail { return detail }
    return switch kind {
    case .malformed, .invalid: "The request cannot be read. Go back, load the page anew and try again."
    case .signedOut: "Sign in, and try again."
    case .forbidden: "The page exists for members of its group. Ask the group's owner to add you."
    case .notFound:
      "The address is mistyped, or the app or group it named is deleted, or you are not a member of its group."
    case .conflict: "Something has changed meanwhile. Go back, load the page anew and look."
    case .tooMany: "Wait a few minutes, then try again."
    case .failed:
      "The fault is ours and is logged. Your logs are not affected: they do not pass through this portal. Try again in a minute."
    case .unavailable:
      "A part that the portal needs does not answer. Your logs are not affected: they do not pass through it. Try again in a few seconds."
    }
  }
}
