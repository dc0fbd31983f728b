/// What a template can ask of a server, beyond what all of them take.
struct TemplateFeatures: Sendable, Equatable {
  /// Whether a field beyond the limit costs the field alone, without our help.
  var dropsFieldsBeyondLimit: Bool
  /// The type of the side field.
  var sideField: SideField

  /// What every server takes.
  static let plain = TemplateFeatures(dropsFieldsBeyondLimit: false, sideField: .text)

  /// What to try, the best first. A distribution may lack what its version has: a refusal leads to the next.
  ///
  /// - Parameter server: nil when it does not say what it is.
  static func candidates(for server: SearchServer?) -> [TemplateFeatures] {
    let best: TemplateFeatures
    switch server?.distribution {
    case .openSearch:
      best = TemplateFeatures(
        dropsFieldsBeyondLimit: false, sideField: server?.isAtLeast(2, 7) == true ? .flatObject : .text)
    case .elasticsearch, nil:
      best = TemplateFeatures(
        dropsFieldsBeyondLimit: server?.isAtLeast(8, 13) ?? true,
        sideField: server?.isAtLeast(7, 3) ?? true ? .flattened : .text)
    }
    return best == plain ? [plain] : [best, plain]
  }
}
