import BaritoCore
import BaritoService
import Compression
import HTTP

/// Serves one protocol over HTTP: from a request to an answer that tells the truth.
///
/// A request of a known app whose topic is there never leaves the server's thread: admitted by its headers, read, handed
/// to librdkafka, answered by the delivery report. The first line of an app takes the slow way, in a task.
struct IngestController<Source: IngestProtocol>: Sendable {
  let source: Source
  let pipeline: IngestPipeline
  let reader: BodyReader

  func register(in routes: inout Routes) {
    let counted = pipeline.metrics.source(Source.name)
    for route in Source.routes {
      routes.on(route.method, route.pattern) { request in intake(request, counted) }
    }
  }

  /// Decides by the headers alone: nothing of the body was read yet.
  private func intake(_ request: HTTPRequest, _ counted: RouterMetrics.Source) -> HTTPIntake {
    var form: Source.Form?
    do throws(Refusal) {
      let known = try source.form(of: request)
      form = known
      let intent = try Intent(request, source, known, counted, now: pipeline.clock.wallMilliseconds)
      let admission = try pipeline.admission(of: Credentials { request.headers[$0] })
      try reader.limits.check(contentLength: request.headers["Content-Length"])
      let room = try admission.app.map { app throws(Refusal) in
        try pipeline.bytes.read(request.headers["Content-Length"].flatMap { Int($0) } ?? 0, of: app)
      }
      if intent.isDryRun {
        return .collect(limit: reader.limits.bodyBytes) { _, body in
          withExtendedLifetime(room) { .now(dryRun(body, intent, admission)) }
        }
      }
      if case .admitted(let destination) = admission, pipeline.isReady(destination) {
        return .collect(limit: reader.limits.bodyBytes) { _, body in
          // The server keeps this closure, and so the room, until the answer is sent.
          withExtendedLifetime(room) {
            .later { exchange in store(body, intent, destination) { exchange.respond($0) } }
          }
        }
      }
      return .collectAsync(limit: reader.limits.bodyBytes) { _, body in
        defer { withExtendedLifetime(room) {} }
        return await slowly(body, intent, admission)
      }
    } catch {
      pipeline.refused(error, nil)
      return .refuse(source.answer(error, form))
    }
  }

  /// The way of an app's first lines: the app or its topic must be made before. The body is inflated only after that, so
  /// that what waits for Kafka or Market waits as small as it came.
  private func slowly(_ body: [UInt8], _ intent: Intent, _ admission: Admission) async -> HTTPResponse {
    do throws(Refusal) {
      let destination = try await pipeline.ready(admission)
      return await withCheckedContinuation { continuation in
        store(body, intent, destination) { continuation.resume(returning: $0) }
      }
    } catch {
      return refused(error, intent, admission.app)
    }
  }

  /// Reads the body, hands it to Kafka, and lets go of it; `answered` is called once, possibly before this returns.
  private func store(
    _ body: [UInt8], _ intent: Intent, _ destination: Admission.Destination,
    _ answered: @escaping @Sendable (HTTPResponse) -> Void
  ) {
    do throws(Refusal) {
      let (batch, remainder) = try read(body, intent)
      pipeline.store(
        batch, named: intent.batch, in: destination, by: intent.counted, waiting: .whileKafkaAnswers
      ) { outcome in
        switch outcome {
        case .stored(let receipt): answered(source.answer(receipt, intent.form, remainder))
        case .refused(let refusal): answered(source.answer(refusal, intent.form))
        }
      }
    } catch {
      answered(refused(error, intent, destination.app.id))
    }
  }

  private func dryRun(_ body: [UInt8], _ intent: Intent, _ admission: Admission) -> HTTPResponse {
    do throws(Refusal) {
      return DryRun(try read(body, intent).batch, admission).response
    } catch {
      return refused(error, intent, admission.app)
    }
  }

  private func read(
    _ body: [UInt8], _ intent: Intent
  ) throws(Refusal) -> (batch: DocumentBatch, remainder: Source.Remainder) {
    try reader.read(body, intent.compression, as: source, intent.form, receivedAt: pipeline.receivedAt)
  }

  private func refused(_ refusal: Refusal, _ intent: Intent, _ app: AppID?) -> HTTPResponse {
    pipeline.refused(refusal, app)
    return source.answer(refusal, intent.form)
  }

  /// What a request's headers say of its body and of the answer.
  private struct Intent: Sendable {
    var form: Source.Form
    var compression: CompressionFormat?
    var batch: BatchName?
    var isDryRun: Bool
    var counted: RouterMetrics.Source

    init(
      _ request: HTTPRequest, _ source: Source, _ form: Source.Form, _ counted: RouterMetrics.Source, now: Int64
    ) throws(Refusal) {
      self.form = form
      compression = try source.compression(of: request)
      batch = try BatchName.read(now: now) { request.headers[$0] }
      isDryRun = DryRun.isWanted(request)
      self.counted = counted
    }
  }
}
