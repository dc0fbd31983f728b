/// What came of Flow's half, as a part of the results' page. Pure.
struct FlowSection {
  var configuration: BenchConfiguration
  var results: FlowResults

  var text: String {
    """
    ## Targets of Flow

    \(Target.table(Target.flow(results), of: "Flow"))\
    \(results.missing.map { "\n- Left out: \($0)" }.joined())

    ## Documents out: into a sink that accepts everything

    A backlog waits in Kafka; a fresh Flow, or one bare consumer, or rsyslog with two workers moves it. From the end of the \
    first request to the end of the last; CPU time of the whole process from its start. "Of bare" is documents per second, \
    "per CPU second" is documents per second of CPU time: both as a share of the bare consumer in the same round. \
    syslog-ng cannot take part: it reads from Kafka since 4.11, which Debian 12 does not have.

    \((results.deliveries + [results.peers].compactMap { $0 }).map(delivery).joined(separator: "\n"))
    ## Documents out: into Elasticsearch

    \(indexing)
    ## How fresh lines are

    \(halfSpeed)

    ## Beside an app that catches up

    \(catchUp)

    """
  }

  private func delivery(_ delivery: DeliveryResults) -> String {
    var table = ResultsTable([
      "\(delivery.shape.title), \(rounds(delivery.rounds[.flow]?.count ?? 0))", "documents/s", "of bare", "MB/s",
      "CPU µs/document", "per CPU second",
      "cores of its client", "memory peak", "memory at the end",
    ])
    for runner in [DeliveryComparison.Runner.bare, .flow, .rsyslog] {
      guard let speed = delivery.speed(runner), let rounds = delivery.rounds[runner], let last = rounds.last else {
        continue
      }
      table.add([
        runner.title, speed.spread, written(delivery.speedShare(runner)),
        decimal(speed.median * Double(delivery.shape.lineBytes) / 1_000_000, digits: 0),
        written(delivery.cost(runner)), written(delivery.share(of: runner)),
        written(Samples(rounds.compactMap(\.clientCores))),
        mebibytes(Double(rounds.map(\.memory.peak).max() ?? 0)), mebibytes(Double(last.memory.now)),
      ])
    }
    return table.text + delivery.missing.map { "\n- Left out: \($0)\n" }.joined()
  }

  private func rounds(_ count: Int) -> String { count == 1 ? "1 round" : "\(count) rounds" }

  private var indexing: String {
    guard let indexing = results.indexing else { return "Not measured.\n" }
    var table = ResultsTable([
      indexing.shape.title, "documents/s", "of the loader", "CPU µs/document", "Elasticsearch's",
      "memory peak",
    ])
    for runner in [ElasticsearchComparison.Runner.loader, .flow] {
      guard let speed = indexing.speed(runner), let rounds = indexing.rounds[runner] else { continue }
      let share = indexing.speed(.loader).flatMap { speed.ratio(to: $0) }
      table.add([
        runner.title, speed.spread, written(share), written(indexing.cost(runner)),
        written(indexing.serverCost(runner), digits: 1),
        mebibytes(Double(rounds.map(\.memory.peak).max() ?? 0)),
      ])
    }
    return """
      \(results.elasticsearch ?? "Elasticsearch") on the same machine. The loader has read the same records and made bulk \
      bodies of them before the clock starts, the same to the byte as Flow's (\(grouped(Double(BulkLoad.batch))) documents \
      each, the same ids), and sends them on \(BulkLoad.connections) connections, as many as Flow may have requests under \
      way. The indices are new in each round, of the same name, shaped by Flow's template; behind each round every document \
      is found. Both send through a sink that counts and hands on, and both share the cores with Elasticsearch: what Flow \
      and Kafka use is missing there, where the loader has done its work before.

      \(table.text)
      """
  }

  private var halfSpeed: String {
    guard let half = results.halfSpeed, let p50 = half.p50, let p99 = half.p99 else { return "Not measured." }
    return """
      \(grouped(Double(half.rate))) lines a second, half of what Flow reached with a backlog, are sent to Kafka for \
      \(decimal(half.seconds, digits: 0)) s in each round. From a record's timestamp, which its producer gives it, until \
      Elasticsearch has answered the bulk request with its document: p50 \(decimal(p50, digits: 0)) ms, p99 \
      \(decimal(p99, digits: 0)) ms (\(half.rounds.map { decimal($0.latencies.p99, digits: 0) }.joined(separator: ", "))). \
      It is searchable with the next refresh, which is not counted.
      """
  }

  private var catchUp: String {
    let crowd = DeliveryShape.crowd(configuration)
    let parts: [(String, String, CatchUp?)] = [
      ("a sink", "the other", results.catchUp),
      ("a sink", "\(grouped(Double(crowd.topics))) others with \(crowd.partitions) partitions each", results.crowd),
      ("Elasticsearch", "the other", results.catchUpIndexing),
    ]
    guard parts.contains(where: { $0.2 != nil }) else { return "Not measured." }
    var table = ResultsTable(["", "p50 ms", "p99 ms", "documents/s", "documents/s of the others", "Flow's memory peak"])
    for (name, others, results) in parts {
      for (title, rounds) in [("alone", results?.alone), ("beside \(others)", results?.beside)] {
        guard let rounds, !rounds.isEmpty else { continue }
        table.add([
          "into \(name), \(title)", written(Samples(rounds.map(\.latencies.p50)), digits: 0),
          written(Samples(rounds.map(\.latencies.p99)), digits: 0),
          Samples(rounds.map(\.documentsPerSecond))?.spread ?? "",
          Samples(rounds.map(\.othersPerSecond)).map { grouped($0.median) } ?? "",
          rounds.compactMap(\.peak).max().map { mebibytes(Double($0)) } ?? "",
        ])
      }
    }
    return """
      \(grouped(Double(CatchUpMeasurement.rate))) lines a second of an app, as fresh as above, alone and beside another app \
      that has missed \(DeliveryShape.all(configuration)[0].title), or beside many that have missed as many; only lines \
      count that were written while those were still behind. Once into a sink that takes \(decimal(configuration.catchUpDelay / .milliseconds(1), digits: 0)) \
      ms for each request, whatever is in it: what differs there is Flow's. Once into Elasticsearch, where requests that are full \
      take their time and share the cores with everything else: what differs there is what operators see.

      \(table.text)
      """
  }
}
