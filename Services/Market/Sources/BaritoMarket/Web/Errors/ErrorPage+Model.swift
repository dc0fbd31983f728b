import HTML

/// What now?
struct ErrorPage: Page {
  enum Kind: Int, Sendable, CaseIterable {
    case forbidden = 403
    case notFound = 404
    case failed = 500
  }

  var kind: Kind
  /// By which the platform team finds what happened.
  var requestID: String
  /// Says more than the kind does, where more is known and may be told.
  var detail: String?

  var title: String {
    switch kind {
    case .forbidden: "You may not see this"
    case .notFound: "There is nothing here"
    case .failed: "This did not work"
    }
  }
  var width: PageWidth { .alone }

  /// What happened, and how to mend it.
  var sentence: String {
    if let detail { return detail }
    return switch kind {
    case .forbidden: "The page exists for members of its group. Ask the group's owner to add you."
    case .notFound:
      "The address is mistyped, or the app or group it named is deleted, or you are not a member of its group."
    case .failed:
      "The fault is ours and is logged. Your logs are not affected: they do not pass through this portal. Try again in a minute."
    }
  }
}
