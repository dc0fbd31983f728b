import TestKit
import Testing

/// What the proofs stand on.
@Suite(.timeLimit(.minutes(2))) struct HarnessTests {
  @Test("on CI the clients that are not ours are installed", .enabled(if: environmentVariable("CI") != nil))
  func installed() { #expect(ForeignClients.areHere, "BARITO_TEST_SHIPPERS is not set") }

  @Test("what a client sent is found, and what it did not send is missed")
  func found() async throws {
    try await ShippingTest.run { test in
      let send = """
        import sys, urllib.request
        url, secret = sys.argv[1:]
        body = b'{"message":"one"}\\n{"message":"two","n":[1,null,true]}\\n'
        headers = {"X-App-Secret": secret, "Content-Type": "application/x-ndjson"}
        print(urllib.request.urlopen(urllib.request.Request(url + "/produce_batch", body, headers)).status)
        """
      let printed = try await test.run("python", "/usr/bin/python3", ["-c", send, test.url, test.secret])
      #expect(printed == "200\n")
      try await test.expect([["message": "one"], ["message": "two", "n": [1, nil, true]]], besides: ["@timestamp"])
      await withKnownIssue {
        try await test.expect([["message": "one"], ["message": "three"]], besides: ["@timestamp"])
      }
    }
  }
}
