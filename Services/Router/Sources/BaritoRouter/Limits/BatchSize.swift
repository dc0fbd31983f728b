/// What a batch takes out of the budgets.
struct BatchSize: Sendable, Hashable {
  var lines: Int
  var bytes: Int
}
