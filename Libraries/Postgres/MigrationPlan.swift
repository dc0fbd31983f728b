/// Which migrations remain, decided from those given and those applied.
struct MigrationPlan: Equatable {
  /// A name and the checksum of its text.
  struct Entry: Equatable {
    let name: String
    let checksum: String
  }

  /// The names to apply, in order.
  let pending: [String]

  /// - Parameters:
  ///   - given: all that the program has, in order.
  ///   - applied: all that the database has, in order. Those after the last given are of a newer program: it is allowed
  ///     to run an older one beside it.
  /// - Throws: `migrationRefused` when an applied one was changed or is missing, or when one that is not applied comes
  ///   before one that is.
  init(given: [Entry], applied: [Entry]) throws(PostgresError) {
    for (index, entry) in applied.enumerated() {
      guard index < given.count else { break }
      let expected = given[index]
      guard expected.name == entry.name else {
        throw PostgresError(
          .migrationRefused,
          "the database has migration \(entry.name) where this program has \(expected.name): a migration was added "
            + "before the last, renamed or removed. Number new ones after the last and keep the old")
      }
      guard expected.checksum == entry.checksum else {
        throw PostgresError(
          .migrationRefused,
          "migration \(entry.name) was changed after it was applied: restore its text and write a new migration")
      }
    }
    pending = given.dropFirst(applied.count).map(\.name)
  }
}
