import CCurl

extension CurlConfiguration {
  func apply(to easy: UnsafeMutableRawPointer) {
    // Signals would interrupt other threads' resolvers.
    _ = barito_curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    _ = barito_curl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    _ = barito_curl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    _ = barito_curl_set_long(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    _ = barito_curl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
    _ = barito_curl_set_long(easy, CURLOPT_TCP_KEEPIDLE, 30)
    _ = barito_curl_set_long(easy, CURLOPT_TCP_KEEPINTVL, 15)
    _ = barito_curl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    switch proxy {
    case .none: _ = barito_curl_set_string(easy, CURLOPT_PROXY, "")
    case .environment: break
    case .url(let url): _ = barito_curl_set_string(easy, CURLOPT_PROXY, url)
    }
    if let caFile { _ = barito_curl_set_string(easy, CURLOPT_CAINFO, caFile) }
    if isInsecure {
      _ = barito_curl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 0)
      _ = barito_curl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 0)
    }
    if let userAgent { _ = barito_curl_set_string(easy, CURLOPT_USERAGENT, userAgent) }
  }
}

extension CurlRequest {
  /// Strings are copied by libcurl, the body is not.
  func apply(to easy: UnsafeMutableRawPointer, body bytes: UnsafeRawBufferPointer, headers: CurlHeaderList?) {
    _ = barito_curl_set_string(easy, CURLOPT_URL, url)
    _ = barito_curl_set_list(easy, CURLOPT_HTTPHEADER, headers)
    if body != nil || method == "POST" {
      _ = barito_curl_set_long(easy, CURLOPT_POST, 1)
      _ = barito_curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, bytes.count)
      // A null pointer would make libcurl read the body from standard input.
      if let start = bytes.baseAddress, !bytes.isEmpty {
        _ = barito_curl_set_pointer(easy, CURLOPT_POSTFIELDS, start)
      } else {
        _ = barito_curl_set_string(easy, CURLOPT_COPYPOSTFIELDS, "")
      }
      if method != "POST" { _ = barito_curl_set_string(easy, CURLOPT_CUSTOMREQUEST, method) }
    } else if method == "HEAD" {
      _ = barito_curl_set_long(easy, CURLOPT_NOBODY, 1)
    } else if method != "GET" {
      _ = barito_curl_set_string(easy, CURLOPT_CUSTOMREQUEST, method)
    }
    _ = barito_curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, connectTimeout.milliseconds))
    if let timeout { _ = barito_curl_set_long(easy, CURLOPT_TIMEOUT_MS, max(1, timeout.milliseconds)) }
    if let idleTimeout {
      _ = barito_curl_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1)
      _ = barito_curl_set_long(easy, CURLOPT_LOW_SPEED_TIME, max(1, (idleTimeout.milliseconds + 999) / 1000))
    }
    // Empty asks for everything that this libcurl can decompress.
    if acceptsCompression { _ = barito_curl_set_string(easy, CURLOPT_ACCEPT_ENCODING, "") }
  }

  func headerList() -> CurlHeaderList? {
    var list: CurlHeaderList?
    // Without this a body over 1 MiB waits up to a second for "100 Continue".
    list = curl_slist_append(list, "Expect:")
    if (body != nil || method == "POST") && !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
      // libcurl would claim a form.
      list = curl_slist_append(list, "Content-Type:")
    }
    for (name, value) in headers {
      // An empty value would remove the header; a semicolon sends it empty.
      list = curl_slist_append(list, value.isEmpty ? "\(name);" : "\(name): \(value)")
    }
    return list
  }

  /// Refuses what would be sent as something else: split headers, other protocols.
  func validate(_ subject: String) throws(CurlError) {
    guard URLText.isHTTP(url) else {
      throw CurlError(
        .badURL, .reject, "\(subject): not an http or https URL; write http://host:port/path, percent-encoded")
    }
    guard !method.isEmpty, method.utf8.allSatisfy({ (0x41...0x5a).contains($0) }) else {
      throw CurlError(.badRequest, .reject, "\(subject): the method must be upper-case letters")
    }
    for (name, value) in headers {
      let nameIsToken = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }
      guard nameIsToken, value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 9 }) else {
        throw CurlError(
          .badRequest, .reject, "\(subject): a header has a line break or control character, so it is not sent")
      }
    }
  }
}

typealias CurlHeaderList = UnsafeMutablePointer<curl_slist>

extension Duration {
  var milliseconds: Int { Int(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000) }
}
