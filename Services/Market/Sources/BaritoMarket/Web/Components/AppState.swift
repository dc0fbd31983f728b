/// What is wrong with an app, or that nothing is, as it was measured. In the order of trouble, worst first.
enum AppState: Int, Sendable, CaseIterable, Comparable {
  case refusing, silent, quarantining, lagging, unmeasured, waiting, disabled, receiving

  static func < (first: AppState, second: AppState) -> Bool { first.rawValue < second.rawValue }

  var meaning: Meaning {
    switch self {
    case .refusing: .bad
    case .silent, .quarantining, .lagging: .warning
    case .unmeasured, .waiting, .disabled: .unknown
    case .receiving: .good
    }
  }

  var word: String {
    switch self {
    case .refusing: "Refusing lines"
    case .silent: "Silent"
    case .quarantining: "Quarantining"
    case .lagging: "Lagging"
    case .unmeasured: "Not measured"
    case .waiting: "No line yet"
    case .disabled: "Disabled"
    case .receiving: "Receiving"
    }
  }

  /// Whether somebody should look.
  var isTrouble: Bool { meaning == .bad || meaning == .warning }
}

extension AppState {
  /// What was counted of an app, from which its state follows.
  struct Measurements: Sendable {
    var isActive = true
    /// Milliseconds since the counts arrived; nil when none ever did.
    var measurementAge: Int64?
    /// Milliseconds since its last accepted line; nil before the first.
    var lastLineAge: Int64?
    /// Over the last minute.
    var refusedPerSecond = 0.0
    var quarantinedPerSecond = 0.0
    /// How old the oldest line is that is accepted and not searchable yet.
    var lagMilliseconds: Int64 = 0
  }

  /// The worst that the measurements say. Counts older than two minutes say nothing.
  init(_ measured: Measurements) {
    self =
      if !measured.isActive {
        .disabled
      } else if measured.refusedPerSecond > 0, measured.measurementAge.map({ $0 <= 120_000 }) == true {
        .refusing
      } else if measured.lastLineAge == nil {
        .waiting
      } else if measured.measurementAge.map({ $0 > 120_000 }) ?? true {
        .unmeasured
      } else if measured.lastLineAge.map({ $0 > 600_000 }) == true {
        .silent
      } else if measured.quarantinedPerSecond > 0 {
        .quarantining
      } else if measured.lagMilliseconds > 60_000 {
        .lagging
      } else {
        .receiving
      }
  }
}
