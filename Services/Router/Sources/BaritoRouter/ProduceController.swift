import BaritoCore
import BaritoService
import Compression
import HTTP
import Kafka

/// `POST /produce` and `POST /produce_batch`: from a request to an answer that tells the truth.
///
/// A request of a known app whose topic is there never leaves the server's thread: admitted by its headers, framed,
/// handed to librdkafka, answered by the delivery report. The first line of an app takes the slow way, in a task.
struct ProduceController: Sendable {
  let profiles: ProfileFeed
  let newApps: NewApps
  let clusters: Clusters
  let framing: Framing
  let limiter: IngestLimiter
  let usage: UsageCounter
  let metrics: RouterMetrics
  let clock: ServiceClock

  func register(in routes: inout Routes) {
    routes.on("POST", "/produce") { intake($0, as: .single) }
    routes.on("POST", "/produce_batch") { intake($0, as: $0.isNDJSON ? .ndjson : .items) }
  }

  /// Decides by the headers alone: nothing of the body was read yet.
  private func intake(_ request: HTTPRequest, as format: ProduceBody.Format) -> HTTPIntake {
    do throws(Refusal) {
      let intent = try Intent(request, format, now: clock.wallMilliseconds)
      let admission = try admission(of: request)
      try framing.limits.check(contentLength: request.headers["Content-Length"])
      switch admission {
      case .refused(let refusal): throw refusal
      case .unknownApp(let name, let topicName, let group):
        return .collectAsync(limit: framing.limits.bodyBytes) { _, body in
          await slowly(body, intent, app: nil) { () async throws(Refusal) in
            try await newApps.make(name, topicName: topicName, in: group)
          }
        }
      case .admitted(let destination):
        guard clusters[destination.cluster].knows(destination.topic) else {
          return .collectAsync(limit: framing.limits.bodyBytes) { _, body in
            await slowly(body, intent, app: destination.app.id) { destination }
          }
        }
        return .collect(limit: framing.limits.bodyBytes) { _, body in
          inPlace(body, intent, destination)
        }
      }
    } catch {
      metrics.refused(error.code)
      return .refuse(error.response)
    }
  }

  private func admission(of request: HTTPRequest) throws(Refusal) -> Admission {
    let credentials = Credentials { request.headers[$0] }
    // Hashed before the directory is looked into: there all threads meet.
    let hash = credentials.secret.map { SecretHash(of: $0) }
    let admission = profiles.read { directory in Admission(credentials, hash, in: directory) }
    if case .refused(let refusal) = admission, refusal.code == .unknownSecret, profiles.unreadyReason != nil {
      throw .noProfiles
    }
    return admission
  }

  /// The way of nearly all lines: on the server's thread, without a hop.
  private func inPlace(_ body: [UInt8], _ intent: Intent, _ destination: Admission.Destination) -> HTTPAnswer {
    do throws(Refusal) {
      let batch = try accept(body, intent, destination)
      let count = BatchCount(batch)
      guard count.lines > 0 else { return .now(stored(count, nil, intent, destination)) }
      return .later { exchange in
        let ticket = DeliveryTicket { result in
          exchange.respond(answer(count, result, intent, destination))
        }
        do throws(KafkaError) {
          try send(batch, intent, destination, ticket)
        } catch {
          exchange.respond(unsent(error, count, destination))
        }
      }
    } catch {
      return .now(refused(error, destination.app.id))
    }
  }

  /// The way of an app's first lines: the app or its topic must be made before. The body is inflated only after that, so
  /// that what waits for Kafka or Market waits as small as it came.
  private func slowly(
    _ body: [UInt8], _ intent: Intent, app: AppID?,
    _ resolve: () async throws(Refusal) -> Admission.Destination
  ) async -> HTTPResponse {
    var app = app
    do throws(Refusal) {
      let destination = try await resolve()
      app = destination.app.id
      let kafka = clusters[destination.cluster]
      do {
        try await kafka.ensure(destination.topic, as: destination.cluster)
      } catch {
        throw Refusal(kafka: error)
      }
      let ticket = DeliveryTicket()
      let count: BatchCount
      do {
        // Its own scope: the bytes are let go before the wait.
        let batch = try accept(body, intent, destination)
        count = BatchCount(batch)
        guard count.lines > 0 else { return stored(count, nil, intent, destination) }
        do throws(KafkaError) {
          try send(batch, intent, destination, ticket)
        } catch {
          return unsent(error, count, destination)
        }
      }
      return answer(count, await ticket.result, intent, destination)
    } catch {
      return refused(error, app)
    }
  }

  /// Frames the body and takes it out of the app's budget.
  private func accept(
    _ body: [UInt8], _ intent: Intent, _ destination: Admission.Destination
  ) throws(Refusal) -> ProduceBody {
    let batch = try framing.frame(
      body, encoding: intent.encoding, as: intent.format,
      receivedAt: Timestamp(milliseconds: clock.wallMilliseconds) ?? .earliest)
    let app = destination.app
    guard app.overload != .absorb,
      let excess = limiter.admit(
        app, groupLimits: destination.groupLimits, lines: batch.documents.count, bytes: batch.bytes.count,
        now: clock.monotonicNanoseconds)
    else { return batch }
    throw Refusal(excess, of: app, lines: batch.documents.count, bytes: batch.bytes.count)
  }

  private func send(
    _ batch: ProduceBody, _ intent: Intent, _ destination: Admission.Destination, _ ticket: DeliveryTicket
  ) throws(KafkaError) {
    let kafka = clusters[destination.cluster]
    if let name = intent.batch {
      try kafka.produce(
        BatchName.messages(batch.documents), in: batch.bytes.span, to: destination.topic,
        timestamp: clock.wallMilliseconds, headers: name.headers, ticket: ticket)
    } else {
      try kafka.produce(
        batch.documents, in: batch.bytes.span, to: destination.topic, timestamp: clock.wallMilliseconds,
        ticket: ticket)
    }
  }

  // MARK: - Answers

  private func answer(
    _ count: BatchCount, _ result: DeliveryResult, _ intent: Intent, _ destination: Admission.Destination
  ) -> HTTPResponse {
    guard let error = result.error else { return stored(count, result, intent, destination) }
    return unsent(error, count, destination)
  }

  private func stored(
    _ count: BatchCount, _ result: DeliveryResult?, _ intent: Intent, _ destination: Admission.Destination
  ) -> HTTPResponse {
    metrics.accepted(count)
    usage.accepted(destination.app.id, lines: count.lines, bytes: count.bytes, at: clock.wallMilliseconds)
    return Receipt(
      topic: destination.topic, accepted: count.lines, bytes: count.bytes, ranges: result?.ranges ?? []
    ).response(asJSON: intent.wantsReceipt)
  }

  /// Kafka did not take the batch, at once or in the end. What it took out of the app's budget goes back: its sender is
  /// asked to send it again.
  private func unsent(
    _ error: KafkaError, _ count: BatchCount, _ destination: Admission.Destination
  ) -> HTTPResponse {
    clusters[destination.cluster].note(error, of: destination.topic)
    if destination.app.overload != .absorb {
      limiter.giveBack(destination.app, lines: count.lines, bytes: count.bytes)
    }
    return refused(Refusal(kafka: error), destination.app.id, lines: count.lines)
  }

  private func refused(_ refusal: Refusal, _ app: AppID?, lines: Int = 1) -> HTTPResponse {
    metrics.refused(refusal.code)
    if let app { usage.refused(app, lines: refusal.lines ?? lines, code: refusal.code.rawValue) }
    return refusal.response
  }

  /// What a request's headers say of its body and of the answer.
  private struct Intent: Sendable {
    var format: ProduceBody.Format
    var encoding: CompressionFormat?
    var batch: BatchName?
    var wantsReceipt: Bool

    init(_ request: HTTPRequest, _ format: ProduceBody.Format, now: Int64) throws(Refusal) {
      self.format = format
      encoding = try Framing.encoding(of: request.headers["Content-Encoding"])
      batch = try BatchName.read(now: now) { request.headers[$0] }
      wantsReceipt = Receipt.isWanted(request)
    }
  }
}

extension HTTPRequest {
  fileprivate var isNDJSON: Bool {
    guard let type = headers["Content-Type"]?.lowercased() else { return false }
    return type.hasPrefix("application/x-ndjson") || type.hasPrefix("application/jsonl")
  }
}
