/// The results as a page, in Markdown. Pure.
struct ResultsPage {
  var machine: Machine
  /// RFC 3339.
  var date: String
  /// Of the last minute before the first round: what else the machine was doing.
  var loadBefore: String
  var broker: String
  var library: String
  var configuration: BenchConfiguration
  /// Nil where that half was not run.
  var router: RouterResults?
  var flow: FlowResults?

  var text: String {
    """
    # Benchmarks

    Written by `make bench`\(remark). Medians of \(rounds), interleaved, with the least and the greatest in brackets; \
    ratios are medians of the ratios within each round.

    - Machine: \(machine.description)
    - Date: \(date); load average before the start \(loadBefore)
    - Kafka: \(broker); librdkafka \(library); everything, load and sink too, shares this machine


    """ + sections.joined(separator: "\n")
  }

  private var sections: [String] {
    [
      router.map { RouterSection(configuration: configuration, results: $0).text },
      flow.map { FlowSection(configuration: configuration, results: $0).text },
      idle,
    ].compactMap { $0 }
  }

  private var idle: String {
    let used = [("Router", router?.idleSeconds), ("Flow", flow?.idleSeconds)].compactMap { name, seconds in
      seconds.map { "\(name) \(decimal($0, digits: 2)) s" }
    }
    return """
      ## Idle

      CPU time used within \(decimal(configuration.idleSeconds, digits: 0)) s with nothing sent, behind the load: \
      \(used.isEmpty ? "not measured" : used.joined(separator: ", ")).

      """
  }

  private var rounds: String { configuration.rounds == 1 ? "1 round" : "\(configuration.rounds) rounds" }

  private var remark: String {
    let quick = configuration.isQuick ? ", in a hurry: these numbers say little" : ""
    guard let only = configuration.only else { return quick }
    return " with `--only \(only.rawValue)`\(quick)"
  }
}
