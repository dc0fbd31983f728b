import TestKit

/// A self-signed certificate for 127.0.0.1 in a folder of its own, and clients that trust it.
struct Certificates: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let folder: String
  var certificate: String { folder + "/certificate.pem" }
  var key: String { folder + "/key.pem" }

  init() async throws {
    folder = try makeTemporaryFolder()
    let made = try ChildProcess(
      "openssl", "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-keyout", folder + "/key.pem", "-out", folder + "/certificate.pem",
        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
      ], output: folder + "/openssl.txt")
    guard try await made.waitForExit() == 0 else { throw Failure(description: made.lastOutput) }
  }

  func remove() { removeFolder(folder) }

  /// Runs python with `s`, a TLS connection (or `raw` and `context` alone), and `read(n)`, which prints what comes.
  ///
  /// - Returns: what it printed.
  func client(
    _ port: Int, _ script: String, wraps: Bool = true, hasCertificate: Bool = false
  ) async throws -> String {
    let head = """
      import os, socket, ssl, struct, sys, time
      context = ssl.create_default_context(cafile='\(certificate)')
      context.check_hostname = False
      \(hasCertificate ? "context.load_cert_chain('\(certificate)', '\(key)')" : "")
      raw = socket.create_connection(('127.0.0.1', \(port)), timeout=30)
      \(wraps ? "s = context.wrap_socket(raw)" : "")
      def read(count):
        while count > 0:
          more = s.recv(count)
          if not more: break
          sys.stdout.write(more.decode())
          count -= len(more)

      """
    let name = "client-\(UInt32.random(in: .min ... .max))"
    let child = try ChildProcess(name, "python3", ["-c", head + script], output: "\(folder)/\(name).txt")
    guard try await child.waitForExit() == 0 else { throw Failure(description: child.lastOutput) }
    return String(decoding: child.output, as: UTF8.self)
  }
}
