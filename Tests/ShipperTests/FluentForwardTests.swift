import BaritoCore
import Glibc
import Kafka
import TestKit
import Testing

/// The forward protocol, by senders that are not ours.
@Suite(.timeLimit(.minutes(3))) struct FluentForwardTests {
  @Test("fluent-logger for Python, which knows of no handshake", .needsForeignClients)
  func fluentLogger() async throws {
    try await ShippingTest.run(listening: ["forward.address"]) { test in
      try await test.python(
        """
        import sys
        from fluent import sender
        port, secret = sys.argv[1:]
        logger = sender.FluentSender(secret + ".app", host="127.0.0.1", port=int(port), nanosecond_precision=True)
        for number in range(20):
            time = sender.EventTime(1700000000.5 + number)
            assert logger.emit_with_time("web", time, {"message": "ä %d" % number, "n": [number, None, True]})
        logger.close()
        """, "\(test.port("forward.address"))", test.secret)
      try await test.expect(
        (0..<20).map { number in
          ["message": .string("ä \(number)"), "n": [.number(Double(number)), nil, true], "tag": "app.web"]
        }, besides: ["@timestamp"])
    }
  }

  @Test(
    "fluentd's out_forward, with the handshake, gzip and acknowledgements, while the Router is killed and started again",
    .enabled(if: ForeignClients.fluentd != nil, "FLUENTD_SOURCE names no source of fluentd"))
  func outForward() async throws {
    try await ShippingTest.run(listening: ["forward.address"]) { test in
      let log = try test.write("app.log", "")
      let configuration = """
        <source>
          @type tail
          path \(log)
          pos_file \(test.folder)/app.pos
          read_from_head true
          refresh_interval 1
          tag app
          <parse>
            @type none
          </parse>
        </source>
        <match app>
          @type forward
          require_ack_response true
          ack_response_timeout 5
          compress gzip
          keepalive true
          heartbeat_type none
          <security>
            self_hostname sender
            shared_key \(test.secret)
          </security>
          <server>
            host 127.0.0.1
            port \(test.port("forward.address"))
            username \(test.secret)
            password \(test.secret)
          </server>
          <buffer>
            @type file
            path \(test.folder)/buffer
            chunk_limit_size 4k
            flush_interval 0.1
            flush_thread_interval 0.1
            flush_thread_count 4
            retry_wait 0.3
            retry_max_interval 1
            retry_forever true
          </buffer>
        </match>
        """
      let source = ForeignClients.fluentd ?? ""
      try test.start(
        "fluentd", "/usr/bin/ruby",
        [
          "-Eascii-8bit:ascii-8bit", "-I\(source)/lib", "\(source)/bin/fluentd", "--no-supervisor", "-c",
          try test.write("fluentd.conf", configuration),
        ], ["PATH": ForeignClients.path, "HOME": test.folder])
      let lines = (0..<3000).map { "line \($0) " + String(repeating: "x", count: 40) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        let written = Guarded(0)
        group.addTask {
          for start in stride(from: 0, to: lines.count, by: 10) {
            try append(lines[start..<start + 10].map { $0 + "\n" }.joined(), to: log)
            written.with { $0 += 10 }
            // An app that writes all the time, so that the Router is never idle when it ends.
            try await Task.sleep(for: .milliseconds(20))
          }
        }
        for round in 1...4 {
          try await eventually(within: .seconds(60), "\(round) parts are written") { written.with { $0 } > round * 600 }
          try await test.restartRouter(isKilled: round % 2 == 1)
        }
        try await group.waitForAll()
      }
      // What was sent again has the same batch and item.
      let stored = try await test.documents(lines.count)
      var distinct: [[String?]: String] = [:]
      for document in stored {
        let place = [document.headers[RecordHeader.batchID], document.headers[RecordHeader.batchItem]]
        #expect(!place.contains(nil))
        distinct[place] = document.json["message"]?.string
      }
      #expect(distinct.values.sorted() == lines.sorted())
    }
  }
}

private func append(_ text: String, to path: String) throws {
  let file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
  defer { close(file) }
  var text = text
  let (written, count) = text.withUTF8 { (write(file, $0.baseAddress, $0.count), $0.count) }
  try #require(written == count)
}
