import Testing

/// `_bulk` with clients that speak it to Elasticsearch and know nothing of Barito.
@Suite(.timeLimit(.minutes(3)), .needsForeignClients) struct ElasticsearchBulkTests {
  @Test("Python's elasticsearch: its helpers send, see what is refused, and find their ids kept")
  func elasticsearch() async throws {
    try await ShippingTest.run { test in
      let printed = try await test.python(
        """
        import sys
        from elasticsearch import Elasticsearch, helpers
        url, secret = sys.argv[1:]
        client = Elasticsearch(url, basic_auth=("shop", secret), http_compress=True)
        assert client.ping() and client.info()["version"]["number"].startswith("8.")
        assert client.cluster.health()["status"] == "green"
        assert not client.indices.exists(index="logs")
        assert client.indices.put_index_template(name="logs", index_patterns=["logs-*"])["acknowledged"]
        lines = [{"_op_type": "create", "_index": "logs", "_id": f"id {n} \\"é\\"", "n": n, "@timestamp": "2026-11-22T10:15:30Z"}
                 for n in range(1000)]
        print(helpers.bulk(client, lines, chunk_size=300))
        print(helpers.bulk(client, [{"_index": "logs", "message": "without an id", "@timestamp": 5}]))
        ok, errors = helpers.bulk(client, [{"_op_type": "delete", "_index": "logs", "_id": "1"},
                                           {"_index": "logs", "message": "after", "@timestamp": 6}], raise_on_error=False)
        print(ok, [list(error) for error in errors], errors[0]["delete"]["status"])
        try:
            Elasticsearch(url, basic_auth=("shop", "wrong"), max_retries=0).info()
        except Exception as error:
            print(type(error).__name__)
        """, test.url, test.secret)
      #expect(printed == "(1000, [])\n(1, [])\n1 [['delete']] 400\nAuthenticationException\n")
      let numbered = (0..<1000).map { ["n": .number(Double($0)), "@timestamp": "2026-11-22T10:15:30Z"] as JSON }
      let stored = try await test.expect(
        numbered + [["message": "without an id", "@timestamp": 5], ["message": "after", "@timestamp": 6]])
      for document in stored {
        guard case .number(let number)? = document.json["n"] else {
          #expect(document.headers == [:])
          continue
        }
        #expect(
          document.headers == ["barito-document-id": "id \(Int(number)) \"é\"", "barito-batch-time": "1795342530000"])
      }
    }
  }

  @Test("Python's elasticsearch with an API key")
  func apiKey() async throws {
    try await ShippingTest.run { test in
      try await test.python(
        """
        import sys
        from elasticsearch import Elasticsearch, helpers
        client = Elasticsearch(sys.argv[1], api_key=("shop", sys.argv[2]))
        print(helpers.bulk(client, [{"_index": "logs", "n": n, "@timestamp": n} for n in range(3)]))
        """, test.url, test.secret)
      try await test.expect((0..<3).map { ["n": .number(Double($0)), "@timestamp": .number(Double($0))] })
    }
  }

  @Test("opensearch-py: its helpers send, one after another and with several threads")
  func opensearch() async throws {
    try await ShippingTest.run { test in
      let printed = try await test.python(
        """
        import sys
        from opensearchpy import OpenSearch, helpers
        client = OpenSearch([sys.argv[1]], http_auth=("", sys.argv[2]), http_compress=True)
        assert client.ping() and client.info()["version"]["number"]
        print(helpers.bulk(client, ({"_index": "logs", "n": n, "@timestamp": n} for n in range(500)), chunk_size=100))
        more = ({"_op_type": "create", "_index": "logs", "n": n, "@timestamp": n} for n in range(500, 1000))
        print(all(ok for ok, _ in helpers.parallel_bulk(client, more, thread_count=4, chunk_size=50)))
        """, test.url, test.secret)
      #expect(printed == "(500, [])\nTrue\n")
      try await test.expect((0..<1000).map { ["n": .number(Double($0)), "@timestamp": .number(Double($0))] })
    }
  }

  @Test("rsyslog's omelasticsearch")
  func rsyslog() async throws {
    try await ShippingTest.run { test in
      let log = try test.write("app.log", (0..<200).map { "line \($0) \"é\"\n" }.joined())
      try test.rsyslog(
        """
        module(load="imfile" mode="inotify")
        module(load="omelasticsearch")
        template(name="document" type="list" option.jsonf="on") {
          property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
          property(outname="message" name="msg" format="jsonf")
          property(outname="tag" name="syslogtag" format="jsonf")
        }
        template(name="id" type="string" string="%uuid%")
        input(type="imfile" file="\(log)" tag="app:" ruleset="ship")
        ruleset(name="ship") {
          action(type="omelasticsearch" server="127.0.0.1" serverport="\(test.url.split(separator: ":").last ?? "")"
            uid="shop" pwd="\(test.secret)" searchIndex="logs" searchType="" template="document" bulkmode="on"
            maxbytes="1m" dynBulkId="on" bulkId="id" writeoperation="create" errorFile="\(test.folder)/refused.json"
            action.resumeRetryCount="-1")
        }
        """)
      let stored = try await test.expect(
        (0..<200).map { ["message": .string("line \($0) \"é\""), "tag": "app:"] }, besides: ["@timestamp"])
      #expect(Set(stored.map(\.id)).count == 200)
      #expect(stored.allSatisfy { $0.headers["barito-batch-time"] != nil })
    }
  }

  @Test("syslog-ng's elasticsearch-http")
  func syslogNG() async throws {
    try await ShippingTest.run { test in
      let log = try test.write("app.log", (0..<200).map { "line \($0) \"é\"\n" }.joined())
      try test.syslogNG(
        """
        source files { file("\(log)" flags(no-parse) read-old-records(yes)); };
        destination barito {
          elasticsearch-http(
            url("\(test.url)/_bulk") index("logs-${YEAR}") type("") user("shop") password("\(test.secret)")
            custom-id("$UNIQID") batch-lines(50) batch-timeout(500) timeout(10)
            template("$(format-json message=$MESSAGE @timestamp=$ISODATE)")
          );
        };
        options { use-uniqid(yes); };
        log { source(files); destination(barito); };
        """)
      let stored = try await test.expect(
        (0..<200).map { ["message": .string("line \($0) \"é\"")] }, besides: ["@timestamp"])
      #expect(Set(stored.map(\.id)).count == 200)
    }
  }
}
