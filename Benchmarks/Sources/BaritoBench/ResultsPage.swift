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
  var ingest: [Contender]
  var delivery: DeliveryComparison.Outcome

  var text: String {
    """
    # Benchmarks

    Written by `make bench`. An honest harness, no target: medians of \(rounds), interleaved, with the least and the \
    greatest in brackets; ratios are medians of the ratios within each round.

    - Machine: \(machine.description)
    - Date: \(date); load average before the start \(loadBefore)
    - Kafka: \(broker); librdkafka \(library); everything, load and sink too, shares this machine

    ## Lines in: acknowledged by Kafka

    \(configuration.connections) connections, batches of \(configuration.linesPerRequest), lines of \
    \(LogLines.lineBytes) bytes, \(configuration.partitions) partitions, \(decimal(configuration.seconds, digits: 0)) s \
    a round. Same lines, same settings (idempotent, acks=all, lz4, linger 5 ms). A line counts when its request was \
    answered 200, or its delivery report came.

    \(table("lines/s", ingest))
    The bare producer's first row sends as fast as its queue allows; the Router can never have more lines in flight than \
    its clients have open requests, which is what the second row does without a Router.

    ## Documents out: into an HTTP sink that accepts everything

    \(grouped(Double(configuration.backlog))) documents of \(LogLines.lineBytes) bytes wait in a topic; a fresh Flow with \
    two workers, or one bare consumer, moves them. From the end of the first request to the end of the last; CPU time of \
    the whole process from its start.

    \(table("documents/s", delivery.contenders))
    ## Idle

    CPU time used within \(decimal(configuration.idleSeconds, digits: 0)) s with nothing sent, behind the load: \
    \(delivery.idle.map { "\($0.name) \(decimal($0.cpuSeconds, digits: 2)) s" }.joined(separator: ", ")).

    """
  }

  private var rounds: String { configuration.rounds == 1 ? "1 round" : "\(configuration.rounds) rounds" }

  /// One row for each contender; the first is what the others are compared with.
  private func table(_ unit: String, _ contenders: [Contender]) -> String {
    var table = ResultsTable([
      "", unit, "of bare", "MB/s", "CPU µs/line", "cores of its client", "memory peak", "memory at the end",
    ])
    let reference = contenders.first.flatMap { Samples($0.rounds.map(\.linesPerSecond)) }
    for contender in contenders {
      guard let speed = Samples(contender.rounds.map(\.linesPerSecond)),
        let cpu = Samples(contender.rounds.map(\.microsecondsPerLine)), let last = contender.rounds.last
      else { continue }
      let ratio = reference.flatMap { speed.ratio(to: $0) }.map { decimal($0.median, digits: 2) }
      let client = Samples(contender.rounds.compactMap(\.clientCores)).map { decimal($0.median, digits: 2) }
      table.add([
        contender.name, "\(grouped(speed.median)) (\(grouped(speed.least))–\(grouped(speed.greatest)))", ratio ?? "",
        decimal(speed.median * Double(LogLines.lineBytes) / 1_000_000, digits: 0), decimal(cpu.median, digits: 2),
        client ?? "", mebibytes(Double(contender.rounds.map(\.memory.peak).max() ?? 0)),
        mebibytes(Double(last.memory.now)),
      ])
    }
    return table.text
  }
}
