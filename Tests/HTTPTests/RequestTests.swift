import Testing

@testable import HTTP

@Suite struct RequestTests {
  @Test("an escaped slash stays inside its segment, plus is plain in a path and a space in a query")
  func segments() throws {
    let request = try #require(HTTPRequest(method: "GET", target: "/a%2Fb/c+d/%C3%A4?q=x+y%26&q=2&flag&e="))
    #expect(request.segments == ["a/b", "c+d", "ä"])
    #expect(request.path == "/a%2Fb/c+d/%C3%A4")
    #expect(request.query.all("q") == ["x y&", "2"])
    #expect(request.query.first("flag") == "")
    #expect(request.query.first("e") == "")
    #expect(request.query.first("none") == nil)
  }

  @Test(
    "a bad escape, broken UTF-8, a NUL and a target that is no path are refused",
    arguments: ["/%", "/%4", "/%zz", "/%ff", "/%00", "/a?x=%g1", "hello", ""])
  func refused(target: String) {
    #expect(HTTPRequest(method: "GET", target: target) == nil)
  }

  @Test("the absolute form of proxies is understood")
  func absolute() throws {
    #expect(try #require(HTTPRequest(method: "GET", target: "http://host:80/a/b?c=1")).segments == ["a", "b"])
    #expect(try #require(HTTPRequest(method: "GET", target: "http://host")).path == "/")
  }

  @Test("slashes: the root has no segments, a trailing slash one more")
  func slashes() throws {
    #expect(try #require(HTTPRequest(method: "GET", target: "/")).segments == [])
    #expect(try #require(HTTPRequest(method: "GET", target: "/a/")).segments == ["a", ""])
    #expect(try #require(HTTPRequest(method: "GET", target: "/a//b")).segments == ["a", "", "b"])
  }

  @Test("header names know no case, repeated ones are kept, setting replaces")
  func headers() {
    var headers: HTTPHeaders = ["Set-Cookie": "a=1", "set-cookie": "b=2", "Empty": ""]
    #expect(headers["SET-COOKIE"] == "a=1")
    #expect(headers.all("set-cookie") == ["a=1", "b=2"])
    #expect(headers["Empty"] == "")
    headers["set-Cookie"] = "c"
    #expect(headers.all("Set-Cookie") == ["c"])
    headers["Set-Cookie"] = nil
    #expect(!headers.contains("Set-Cookie"))
    #expect(headers.count == 1)
  }

  @Test("a cookie is found among others, also in a second header")
  func cookie() throws {
    let request = try #require(
      HTTPRequest(method: "GET", target: "/", headers: ["Cookie": "a=1; session=x=y", "cookie": "late=z"]))
    #expect(request.cookie("session") == "x=y")
    #expect(request.cookie("late") == "z")
    #expect(request.cookie("sess") == nil)
  }

  @Test("lengths of a body are taken only when they are beyond doubt")
  func framing() {
    #expect(BodyFraming([:]) == .none)
    #expect(BodyFraming(["Content-Length": "0"]) == .none)
    #expect(BodyFraming(["Content-Length": "12"]) == .length(12))
    #expect(BodyFraming(["Content-Length": "12", "content-length": "12"]) == .length(12))
    #expect(BodyFraming(["Transfer-Encoding": "Chunked"]) == .chunked)
    for bad: HTTPHeaders in [
      ["Content-Length": "12", "content-length": "13"], ["Content-Length": "+1"], ["Content-Length": "1, 1"],
      ["Content-Length": ""], ["Content-Length": "99999999999999999999"], ["Transfer-Encoding": "gzip, chunked"],
      ["Transfer-Encoding": "chunked", "Content-Length": "4"],
      ["Transfer-Encoding": "chunked", "transfer-encoding": "identity"],
    ] {
      guard case .invalid = BodyFraming(bad) else {
        Issue.record("accepted \(bad.pairs)")
        continue
      }
    }
  }

  @Test("a problem document is valid JSON with its members in order")
  func problem() {
    let problem = ProblemDocument(
      status: 404, code: "gone", detail: "no \"app\"\n\u{1}\\",
      extensions: ["limit": 3, "fatal": true, "of": .strings(["a", "b"])])
    #expect(
      String(decoding: problem.jsonBytes, as: UTF8.self)
        == #"{"type":"about:blank","title":"Not Found","status":404,"detail":"no \"app\"\u000a\u0001\\","#
        + #""code":"gone","limit":3,"fatal":true,"of":["a","b"]}"#)
  }
}
