internal import CEvent

/// Certificate, key and rules of TLS, as OpenSSL holds them.
///
/// `@unchecked`: it is set up before it is shared, and OpenSSL lets any thread make connections of a context then.
final class TLSContext: @unchecked Sendable {
  private let raw: OpaquePointer

  /// - Throws: `StreamError.invalidCertificate`, naming the file.
  init(_ tls: StreamServerConfiguration.TLS) throws(StreamError) {
    guard let raw = barito_tls_new() else {
      throw TLSContext.error("cannot set up TLS", mend: "check the installation of OpenSSL")
    }
    self.raw = raw
    ERR_clear_error()
    guard SSL_CTX_use_certificate_chain_file(raw, tls.certificateFile) == 1 else {
      throw TLSContext.error(
        "cannot read the certificate \(tls.certificateFile)",
        mend: "it must be a readable file in PEM, the server's certificate first")
    }
    guard SSL_CTX_use_PrivateKey_file(raw, tls.keyFile, SSL_FILETYPE_PEM) == 1 else {
      throw TLSContext.error(
        "cannot use the key \(tls.keyFile) with the certificate \(tls.certificateFile)",
        mend: "it must be a readable file in PEM without a password, and belong to the certificate")
    }
    guard SSL_CTX_check_private_key(raw) == 1 else {
      throw TLSContext.error(
        "cannot use the key \(tls.keyFile): it does not belong to the certificate \(tls.certificateFile)",
        mend: "give the pair that was made together")
    }
    guard let authority = tls.clientCAFile else { return }
    guard SSL_CTX_load_verify_locations(raw, authority, nil) == 1, let names = SSL_load_client_CA_file(authority) else {
      throw TLSContext.error(
        "cannot read the certificates of clients' authorities \(authority)",
        mend: "it must be a readable file in PEM with at least one certificate")
    }
    SSL_CTX_set_client_CA_list(raw, names)
    barito_tls_demand_certificate(raw)
  }

  deinit { SSL_CTX_free(raw) }

  /// One connection's state; whoever takes it frees it.
  func makeConnection() -> OpaquePointer? { SSL_new(raw) }

  /// The text of an error code of OpenSSL.
  static func text(_ code: UInt) -> String {
    var text = [CChar](repeating: 0, count: 256)
    ERR_error_string_n(code, &text, text.count)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func error(_ what: String, mend: String) -> StreamError {
    let code = ERR_peek_error()
    ERR_clear_error()
    let reason = code == 0 ? "" : ": " + text(UInt(code))
    return StreamError(code: .invalidCertificate, detail: "\(what)\(reason); \(mend)", disposition: .fatal)
  }
}
