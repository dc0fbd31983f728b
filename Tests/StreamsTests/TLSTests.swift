import Glibc
import Streams
import TestKit
import Testing

/// Clients are python's `ssl`: another user of TLS than the one that is tested, and it can misbehave on demand.
@Suite struct TLSTests {
  @Test("a client sends and is answered over TLS", .timeLimit(.minutes(1)))
  func serves() async throws {
    try await withTLS { port, server, record, certificates in
      let output = try await certificates.client(port, "s.sendall(b'hello\\nsec'); s.sendall(b'ond\\n'); read(13)")
      #expect(output == "hello\nsecond\n")
      #expect(record.now.connections.first?.isTLS == true)
      try await eventually("it is closed") { server.statistics.open == 0 }
      #expect(record.now.reasons == [.finished])
      #expect(server.statistics.failedHandshakes == 0)
    }
  }

  @Test("a client that ends its side of TLS still gets its answer", .timeLimit(.minutes(1)))
  func farewell() async throws {
    // The farewell of TLS comes together with the last bytes, and the answer after it.
    let script = """
      i, o = ssl.MemoryBIO(), ssl.MemoryBIO()
      b = context.wrap_bio(i, o)
      def pump(what):
        while True:
          try: return what()
          except ssl.SSLWantReadError:
            raw.sendall(o.read())
            got = raw.recv(65536)
            if got: i.write(got)
            else: i.write_eof()
      pump(b.do_handshake)
      b.write(b'question\\ntail')
      try: b.unwrap()
      except ssl.SSLWantReadError: pass
      raw.sendall(o.read())
      seen = b''
      while not seen.endswith(b'bye\\n'):
        more = pump(lambda: b.read(100))
        if not more: break
        seen += more
      sys.stdout.write(seen.decode())
      """
    try await withTLS { port, _, record, certificates in
      let output = try await certificates.client(port, script, wraps: false)
      #expect(output == "question\nbye\n")
      #expect(record.now.rest == Array("tail".utf8))
      try await eventually("the handler is told") { record.now.reasons == [.finished] }
    }
  }

  @Test("a client that closes TCP's side without a word of TLS still gets its answer", .timeLimit(.minutes(1)))
  func halfClose() async throws {
    try await withTLS { port, _, record, certificates in
      let script = "s.sendall(b'question\\ntail'); socket.socket(fileno=os.dup(s.fileno())).shutdown(1); read(13)"
      let output = try await certificates.client(port, script)
      #expect(output == "question\nbye\n")
      #expect(record.now.rest == Array("tail".utf8))
    }
  }

  @Test("bytes that TLS holds already are not forgotten in a pause", .timeLimit(.minutes(1)))
  func pauses() async throws {
    try await withTLS(LineHandler.Style(pauses: .briefly)) { port, _, _, certificates in
      let text = (0..<100).map { "line \($0)\n" }.joined()
      let script = "s.sendall(''.join('line %d\\n' % n for n in range(100)).encode()); read(\(text.utf8.count))"
      let output = try await certificates.client(port, script)
      #expect(output == text)
    }
  }

  @Test("megabytes go both ways over TLS", .timeLimit(.minutes(1)))
  func large() async throws {
    try await withTLS {
      $0.outputBytes = 8 << 20
    } run: { port, _, _, certificates in
      let script = """
        line = b'x' * 99999 + b'\\n'
        seen = 0
        for n in range(20):
          s.sendall(line)
          while seen < (n + 1) * 100000: seen += len(s.recv(65536))
        print(seen)
        """
      let output = try await certificates.client(port, script)
      #expect(output == "2000000\n")
    }
  }

  @Test("a client that takes nothing over TLS is cut", .timeLimit(.minutes(1)))
  func outputTimeout() async throws {
    try await withTLS {
      $0.outputBytes = 64 << 20
      $0.outputTimeout = .milliseconds(300)
    } run: { port, server, record, certificates in
      let script = """
        s.sendall(b'flood\\n')
        try:
          while True:
            time.sleep(0.05)
            s.sendall(b'pending\\n')
        except OSError: print('cut')
        """
      let output = try await certificates.client(port, script)
      #expect(output == "cut\n")
      #expect(record.now.reasons == [.outputTimeout])
    }
  }

  @Test("what is no TLS is closed and counted, and others are served", .timeLimit(.minutes(1)))
  func wrongProtocol() async throws {
    try await withTLS { port, server, record, certificates in
      let socket = try RawSocket(port: port)
      try await socket.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
      // An alert of TLS may come first.
      while let bytes = try? await socket.read(), !bytes.isEmpty {}
      try await eventually("it is counted") { server.statistics.failedHandshakes == 1 }
      let output = try await certificates.client(port, "s.sendall(b'hello\\n'); read(6)")
      #expect(output == "hello\n")
      #expect(record.now.connections.count == 1)
    }
  }

  @Test("a client that does not shake hands is cut", .timeLimit(.minutes(1)))
  func silentHandshake() async throws {
    try await withTLS {
      $0.handshakeTimeout = .milliseconds(100)
    } run: { port, server, record, _ in
      let socket = try RawSocket(port: port)
      #expect(try await socket.read() == [])
      #expect(server.statistics.failedHandshakes == 1)
      #expect(record.now.connections.isEmpty)
    }
  }

  @Test("a client may leave before, within and after its handshake", .timeLimit(.minutes(1)))
  func departures() async throws {
    try await withTLS { port, server, record, certificates in
      try RawSocket(port: port).close()
      try RawSocket(port: port).reset()
      let begun = try RawSocket(port: port)
      try await begun.send([0x16, 0x03, 0x01, 0x00])
      begun.reset()
      try await eventually("all three are counted") { server.statistics.failedHandshakes == 3 }
      let reset = "s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); s.close()"
      _ = try await certificates.client(port, "s.sendall(b'half'); " + reset)
      _ = try await certificates.client(port, "s.sendall(b'flood\\n'); " + reset)
      try await eventually("nothing is left") { server.statistics.open == 0 && server.statistics.accepted == 5 }
      #expect(record.now.reasons.count == record.now.connections.count)
      #expect(server.statistics.unreadBytes == 0)
    }
  }

  @Test("a drain lets a pending answer out over TLS, with its farewell", .timeLimit(.minutes(1)))
  func drain() async throws {
    try await withTLS(LineHandler.Style(drains: .withAnswer)) { port, server, record, certificates in
      async let output = certificates.client(port, "s.sendall(b'pending\\n'); read(5); print(s.recv(10))")
      try await eventually("it is pending") { record.consumed == "pending\n" }
      await server.drain(within: .seconds(20))
      #expect(try await output == "done\nb''\n")
    }
  }

  @Test("a client's certificate is demanded and verified", .timeLimit(.minutes(1)))
  func clientCertificates() async throws {
    let certificates = try await Certificates()
    try await withTLS(using: certificates) {
      $0.tls?.clientCAFile = certificates.certificate
    } run: { port, server, _, _ in
      let without = "try: s.sendall(b'hello\\n'); read(6)\nexcept OSError: print('refused')"
      let refused = try await certificates.client(port, without)
      #expect(refused == "refused\n")
      try await eventually("it is counted") { server.statistics.failedHandshakes == 1 }
      let with = "s.sendall(b'hello\\n'); read(6)"
      let output = try await certificates.client(port, with, hasCertificate: true)
      #expect(output == "hello\n")
    }
  }

  @Test("files that do not fit are told by name, with the remedy", .timeLimit(.minutes(1)))
  func badFiles() async throws {
    let one = try await Certificates()
    let other = try await Certificates()
    defer {
      one.remove()
      other.remove()
    }
    let cases: [(StreamServerConfiguration.TLS, file: String)] = [
      (.init(certificateFile: "/nowhere.pem", keyFile: one.key), "/nowhere.pem"),
      (.init(certificateFile: one.certificate, keyFile: "/nowhere.key"), "/nowhere.key"),
      (.init(certificateFile: one.certificate, keyFile: other.key), other.key),
      (.init(certificateFile: one.certificate, keyFile: one.certificate), one.certificate),
      (.init(certificateFile: one.certificate, keyFile: one.key, clientCAFile: one.key), one.key),
    ]
    for (tls, file) in cases {
      var configuration = StreamServerConfiguration(address: "127.0.0.1:0")
      configuration.tls = tls
      let server = StreamServer(configuration) { LineHandler($0, Record(), .init()) }
      let error = #expect(throws: StreamError.self) { try server.start() }
      #expect(error?.code == .invalidCertificate)
      #expect(error?.detail.contains(file) == true)
      #expect(error?.detail.contains("; ") == true)
    }
  }
}

/// Runs a TLS server for the length of `body`.
private func withTLS(
  _ style: LineHandler.Style = LineHandler.Style(), using given: Certificates? = nil,
  with change: (inout StreamServerConfiguration) -> Void = { _ in },
  run body: (Int, StreamServer, Record, Certificates) async throws -> Void
) async throws {
  let certificates = if let given { given } else { try await Certificates() }
  defer { certificates.remove() }
  try await withServer(style) { configuration in
    configuration.tls = .init(certificateFile: certificates.certificate, keyFile: certificates.key)
    change(&configuration)
  } run: { port, server, record in
    try await body(port, server, record, certificates)
  }
}
