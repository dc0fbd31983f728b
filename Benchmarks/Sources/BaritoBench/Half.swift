import Settings

/// A half of the benchmark that can be run alone.
enum Half: String, Sendable, CaseIterable, SettingValue {
  case router, flow
}
