/// What came of the Router's half, as a part of the results' page. Pure.
struct RouterSection {
  var configuration: BenchConfiguration
  var results: RouterResults

  var text: String {
    """
    ## Targets of the Router

    \(Target.table(Target.router(results), of: "Router"))
    ## Lines in: acknowledged by Kafka

    Unless a row says otherwise: \(LoadPoint.base.connections) connections, batches of \(LoadPoint.base.lines), lines of \
    \(LogLines.lineBytes) bytes, one app, \(configuration.partitions) partitions, \
    \(decimal(configuration.seconds, digits: 1)) s a round. Same lines, and the Router's own settings of librdkafka \
    (idempotent, acks=all, lz4, linger 5 ms). A line counts when its request was answered 200, or its delivery report \
    came. "Of bare" is lines per second, "per CPU second" is lines per second of CPU time of the process alone: both as \
    a share of the bare producer with lines of the same size in the same round.

    \(ingestTable)
    The bare producer's first row sends as fast as its queue allows; the Router can never have more lines in flight than \
    its clients have open requests, which is what the second row does without a Router. Each OTLP record is as long \
    as a line is, in protobuf; the document made of it is longer. A row with many apps is of the Router below that has \
    \(grouped(Double(configuration.crowd))) of them, each with a topic of one partition. nginx (two workers) puts \
    each request into one uncompressed record batch and checks nothing: Lua written for this on lua-resty-kafka's \
    connections, since its own producer does not speak to Kafka 4, and would send a line at a time to wait for each. Each record of a chunk of the forward protocol is as long \
    as a line is, in MessagePack, and counts when its chunk is acknowledged. The Router and rsyslog are sent the same lines as \
    syslog of that size over TCP, which is not answered; they count when Kafka has them. rsyslog hands them on as they came, the \
    Router makes JSON of them. \
    Bare libmicrohttpd suspends each request, has \
    another thread resume it, and answers; it has nothing to do with Kafka. A \
    server's memory peak is that of its life so far.
    \(results.missing.map { "\n- Left out: \($0)" }.joined())

    ## At half load

    \(halfLoadText)

    ## Many apps

    \(crowdText)

    ## Micro

    One thread, the best of \(MicroCommand.repetitions) repetitions, over inputs that do not change. `barito-bench micro` \
    measures these alone.

    \(MicroResult.table(results.micro))
    """
  }

  private var ingestTable: String {
    var table = ResultsTable([
      "", "lines/s", "of bare", "MB/s", "CPU µs/line", "per CPU second", "p50 ms", "p99 ms", "client's cores",
      "memory peak",
    ])
    for (entry, contender) in zip(results.ingest.entries, results.ingest.contenders) {
      guard let speed = results.ingest.speed(entry), let cost = results.ingest.cost(entry) else { continue }
      let client = Samples(contender.rounds.compactMap(\.clientCores))
      let isPeer = entry == .load(.microhttpd)
      table.add([
        contender.name, speed.spread, isPeer ? "" : written(results.ingest.speedShare(entry)),
        decimal(speed.median * Double(entry.lineBytes) / 1_000_000, digits: 0), written(cost),
        isPeer ? "" : written(results.ingest.lineShare(entry)),
        written(Samples(contender.rounds.compactMap(\.latencies?.p50)), digits: 1),
        written(Samples(contender.rounds.compactMap(\.latencies?.p99)), digits: 1), written(client),
        mebibytes(Double(contender.rounds.map(\.memory.peak).max() ?? 0)),
      ])
    }
    return table.text
  }

  private var halfLoadText: String {
    guard let halfLoad = results.halfLoad else { return "Not measured." }
    return """
      \(halfLoad.requestsPerSecond) requests of \(LoadPoint.base.lines) lines a second, half of what the NDJSON row above \
      reached, sent on \(LoadPoint.base.connections) connections for \(decimal(halfLoad.seconds, digits: 0)) s in each \
      round whether or not answers come; the time of an answer counts from when its request was due. p50 \
      \(decimal(halfLoad.p50, digits: 1)) ms, p99 \(decimal(halfLoad.p99, digits: 1)) ms \
      (\(halfLoad.latencies.map { decimal($0.p99, digits: 1) }.joined(separator: ", "))), \
      \(grouped(halfLoad.linesPerSecond)) lines/s.
      """
  }

  private var crowdText: String {
    guard let crowd = results.crowd else { return "Not measured." }
    return """
      A Router with \(grouped(Double(crowd.apps))) apps in its snapshot was ready after \
      \(crowd.startSeconds.map { decimal($0, digits: 2) }.joined(separator: ", ")) s; it then had \
      \(mebibytes(Double(crowd.memoryAtStart.now))) resident (peak \(mebibytes(Double(crowd.memoryAtStart.peak)))). Behind \
      the rounds, in which \(grouped(Double(crowd.sending))) of them sent to a topic each, it had \
      \(mebibytes(Double(crowd.memoryInUse.now))) (peak \(mebibytes(Double(crowd.memoryInUse.peak)))).
      """
  }
}
