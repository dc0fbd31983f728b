import CCurl

/// Owns an easy handle and the multi handle that drives it and keeps its connections.
///
/// The multi interface, because it lets us wake every 200 ms to look for cancellation; `curl_easy_perform` may sleep for
/// a second.
struct CurlHandles: ~Copyable {
  let easy: UnsafeMutableRawPointer
  let multi: UnsafeMutableRawPointer

  init() {
    precondition(globalResult == CURLE_OK, "libcurl cannot be initialised: it is built without TLS or out of memory")
    guard let easy = curl_easy_init(), let multi = curl_multi_init() else { fatalError("libcurl is out of memory") }
    self.easy = easy
    self.multi = multi
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_multi_cleanup(multi)
  }
}

/// libcurl wants this once, before any other call; a global is initialised once, whoever comes first.
private let globalResult = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
