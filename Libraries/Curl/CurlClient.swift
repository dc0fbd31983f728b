import Blocking
import CCurl

/// An HTTP client with a thread of its own, which keeps its connections alive and does one request at a time.
///
/// libcurl forbids two threads in one handle: the actor is that guarantee. Cancelling the calling task ends its request
/// within 250 ms. A request that finds its kept connection closed by the server before any answer is sent again on a new
/// one by libcurl itself.
public actor CurlClient {
  private nonisolated let executor = BlockingExecutor(label: "curl.client")
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let configuration: CurlConfiguration
  private let handles = CurlHandles()

  public init(_ configuration: CurlConfiguration = CurlConfiguration()) {
    self.configuration = configuration
  }

  /// Sends a request and collects its answer. Redirects are answers, they are not followed.
  public func perform(_ request: CurlRequest) throws(CurlError) -> CurlResponse {
    try run(request, CurlTransfer(maxBytes: request.maxResponseBytes, onHead: nil, onChunk: nil))
  }

  /// Sends a request and hands over the body of a 2xx answer as it arrives; the body of any other answer is collected in
  /// the response. Set the request's `timeout` to nil, and `idleTimeout` where the server sends heartbeats.
  ///
  /// - Parameters:
  ///   - onHead: called once with status and headers, before any chunk; false ends the stream.
  ///   - onChunk: called on the client's thread: to block in it is back-pressure on the server; false ends the stream.
  /// - Returns: the head, once the server or a callback ended the stream.
  public func stream(
    _ request: CurlRequest, onHead: (@Sendable (CurlResponse) -> Bool)? = nil,
    onChunk: @escaping @Sendable ([UInt8]) -> Bool
  ) throws(CurlError) -> CurlResponse {
    try run(request, CurlTransfer(maxBytes: request.maxResponseBytes, onHead: onHead, onChunk: onChunk))
  }

  private func run(_ request: CurlRequest, _ transfer: CurlTransfer) throws(CurlError) -> CurlResponse {
    let subject = "\(request.method) \(URLText.redacted(request.url))"
    try request.validate(subject)
    if Task.isCancelled { throw CurlError(.aborted, .reject, "\(subject): cancelled before it was sent") }
    let result = perform(request, transfer)
    switch (result, transfer.stop) {
    case (_, .byCaller), (CURLE_OK, nil): return transfer.response
    case (_, .tooLarge):
      throw CurlError(
        .tooLarge, .reject, "\(subject): the answer is longer than the \(request.maxResponseBytes) bytes allowed",
        requestMayHaveBeenSent: true)
    case (_, .headersTooLarge):
      throw CurlError(
        .tooLarge, .reject, "\(subject): the answer's headers are longer than \(CurlTransfer.maxHeaderBytes) bytes",
        requestMayHaveBeenSent: true)
    case (CURLE_ABORTED_BY_CALLBACK, _):
      throw CurlError(.aborted, .reject, "\(subject): cancelled", requestMayHaveBeenSent: mayHaveBeenSent)
    default:
      let (code, disposition) = CurlError.classify(result)
      throw CurlError(
        code, disposition, "\(subject): \(String(cString: curl_easy_strerror(result)))",
        requestMayHaveBeenSent: mayHaveBeenSent)
    }
  }

  /// Drives the transfer to its end. `CURLE_ABORTED_BY_CALLBACK` stands for a cancelled task.
  private func perform(_ request: CurlRequest, _ transfer: CurlTransfer) -> CURLcode {
    let easy = handles.easy
    let multi = handles.multi
    curl_easy_reset(easy)
    let headers = request.headerList()
    defer { curl_slist_free_all(headers) }
    configuration.apply(to: easy)
    // The body is not copied by libcurl: it stays in place until the transfer has left the multi handle.
    return (request.body ?? []).withUnsafeBytes { body in
      request.apply(to: easy, body: body, headers: headers)
      return withExtendedLifetime(transfer) {
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        _ = barito_curl_set_write(easy, CURLOPT_HEADERFUNCTION, onCurlHeader)
        _ = barito_curl_set_pointer(easy, CURLOPT_HEADERDATA, context)
        _ = barito_curl_set_write(easy, CURLOPT_WRITEFUNCTION, onCurlBody)
        _ = barito_curl_set_pointer(easy, CURLOPT_WRITEDATA, context)
        guard curl_multi_add_handle(multi, easy) == CURLM_OK else { return CURLE_FAILED_INIT }
        defer { _ = curl_multi_remove_handle(multi, easy) }
        while true {
          var running: Int32 = 0
          guard curl_multi_perform(multi, &running) == CURLM_OK else { return CURLE_FAILED_INIT }
          var result = CURLE_OK
          if barito_curl_next_result(multi, &result) == 1 { return result }
          if Task.isCancelled { return CURLE_ABORTED_BY_CALLBACK }
          _ = curl_multi_poll(multi, nil, 0, 200, nil)
        }
      }
    }
  }

  private var mayHaveBeenSent: Bool {
    var bytes = 0
    let result = barito_curl_get_long(handles.easy, CURLINFO_REQUEST_SIZE, &bytes)
    return result != CURLE_OK || bytes > 0
  }
}
