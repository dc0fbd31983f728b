/// The moment that a change takes from the database to every Router.
enum FeedPassage {
  /// The feed wakes its readers within some tens of milliseconds; this is that with room to spare.
  static let usual: Duration = .milliseconds(300)

  /// Waits for it, so that whoever is given a secret can use it at once.
  static func wait() async { try? await Task.sleep(for: usual) }
}
