import Curl
import Testing

@Suite("URLText")
struct URLTextTests {
  @Test(
    "everything that could end a segment is encoded",
    arguments: [
      ("plain-1._~", "plain-1._~"), ("a/b?c#d", "a%2Fb%3Fc%23d"), ("é %", "%C3%A9%20%25"), ("", ""), (".", "%2E"),
      ("..", "%2E%2E"), ("...", "..."), ("a+b", "a%2Bb"),
    ])
  func segment(text: String, encoded: String) {
    #expect(URLText.percentEncode(pathSegment: text) == encoded)
  }

  @Test("a query has no item for nil and none at all is no query")
  func query() {
    #expect(URLText.query(["a": "1 2", "b": nil, "c": "x&y", "a": ""]) == "?a=1%202&c=x%26y&a=")
    #expect(URLText.query(["b": nil]) == "")
  }

  @Test("a base is joined with one slash")
  func join() {
    #expect(URLText.join("http://host:1/", "a b", "c/d") == "http://host:1/a%20b/c%2Fd")
    #expect(URLText.join("http://host") == "http://host")
  }

  @Test(
    "a redacted URL has neither credentials nor query",
    arguments: [
      ("http://user:pw@host:1/a?b=c#d", "http://host:1/a"), ("https://host/a@b", "https://host/a@b"),
      ("http://user@host", "http://host"), ("nonsense", "nonsense"),
    ])
  func redacted(url: String, shown: String) {
    #expect(URLText.redacted(url) == shown)
  }
}
