import Testing

/// Loki's push with a client that speaks it to Loki.
@Suite(.timeLimit(.minutes(3)), .needsForeignClients) struct LokiTests {
  @Test("Python's logging_loki: lines are stored with their labels")
  func loggingLoki() async throws {
    try await ShippingTest.run { test in
      let printed = try await test.python(
        """
        import logging, queue, sys
        import logging_loki
        url, secret = sys.argv[1:]
        handler = logging_loki.LokiHandler(
            url + "/loki/api/v1/push", tags={"app": "shop"}, auth=("shop", secret), version="1")
        logger = logging.getLogger("orders")
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.warning("order \\"17\\" é", extra={"tags": {"number": 17, "with space": "x", "message": "label"}})
        for number in range(50):
            logger.info('{"line": %d}', number)
        later = logging_loki.LokiQueueHandler(
            queue.Queue(-1), url=url + "/loki/api/v1/push", auth=("", secret), version="1")
        logger.handlers = [later]
        logger.error("from a queue")
        later.listener.stop()
        logger.handlers = [logging_loki.LokiHandler(url + "/loki/api/v1/push", auth=("shop", "wrong"), version="1")]
        logger.handlers[0].handleError = lambda record: print(sys.exc_info()[1])
        logger.error("never")
        """, test.url, test.secret)
      #expect(printed == "Unexpected Loki API response status code: 401\n")
      let lines = (0..<50).map { number in
        [
          "message": .string("{\"line\": \(number)}"), "app": "shop", "severity": "info", "logger": "orders",
        ] as JSON
      }
      let stored = try await test.expect(
        lines + [
          [
            "message": "order \"17\" é", "app": "shop", "severity": "warning", "logger": "orders", "number": "17",
            "with_space": "x", "message_extracted": "label",
          ],
          ["message": "from a queue", "severity": "error", "logger": "orders"],
        ], besides: ["@timestamp"])
      for document in stored {
        guard case .string(let time)? = document.json["@timestamp"] else {
          Issue.record("no time")
          continue
        }
        #expect(time.hasPrefix("20") && time.hasSuffix("Z"))
      }
    }
  }
}
