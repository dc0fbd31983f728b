/// The four things that colour may mean. A word or a mark always stands beside it.
enum Meaning: String, Sendable, CaseIterable {
  case good, warning, bad, unknown
}
