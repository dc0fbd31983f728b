import CCurl

extension CurlError {
  /// The meaning of libcurl's result codes.
  static func classify(_ result: CURLcode) -> (code: Code, disposition: Disposition) {
    switch result {
    case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED: (.connect, .retry)
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: (.resolve, .retry)
    case CURLE_OPERATION_TIMEDOUT: (.timeout, .retry)
    // An untrusted or expired certificate is mended at the server, so it is worth trying again.
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION: (.tls, .retry)
    case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CIPHER:
      (.tls, .fatal)
    case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR: (.closed, .retry)
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: (.badURL, .reject)
    case CURLE_FILESIZE_EXCEEDED: (.tooLarge, .reject)
    default: (.other, .retry)
    }
  }
}
