import Curl
import Synchronization
import TestKit
import Testing

@Suite("CurlPool", .timeLimit(.minutes(1)))
struct CurlPoolTests {
  @Test("many requests in parallel all succeed over as many connections as there are clients")
  func parallel() async throws {
    let server = RawServer { connection in
      while let request = connection.readRequest() { connection.answer(request.line) }
    }
    let pool = CurlPool(clients: 4)
    let url = server.url
    try await withThrowingTaskGroup(of: (Int, String).self) { group in
      for number in 0..<200 {
        group.addTask { (number, try await pool.perform(CurlRequest("GET", "\(url)/\(number)")).text) }
      }
      var answers = 0
      for try await (number, text) in group {
        #expect(text == "GET /\(number) HTTP/1.1")
        answers += 1
      }
      #expect(answers == 200)
    }
    #expect(server.connections <= 4)
  }

  @Test("a request fails as busy when no client is free for too long, and the pool recovers")
  func busy() async throws {
    let pool = CurlPool(clients: 1, maximumWait: .milliseconds(20))
    let error = try await pool.withClient { _ in
      await #expect(throws: CurlError.self) { try await pool.perform(CurlRequest("GET", "http://127.0.0.1:1/")) }
    }
    #expect(error?.code == .busy)
    #expect(error?.disposition == .retry)
    try await pool.withClient { _ in }
  }

  @Test("a waiting request can be cancelled and leaves its place")
  func cancelledWait() async throws {
    let pool = CurlPool(clients: 1)
    try await pool.withClient { _ in
      let task = Task { try await pool.perform(CurlRequest("GET", "http://127.0.0.1:1/")) }
      task.cancel()
      let error = await #expect(throws: CurlError.self) { try await task.value }
      #expect(error?.code == .aborted)
    }
    try await pool.withClient { _ in }
  }

  @Test("a client comes back when the body throws")
  func throwingBody() async throws {
    struct Failure: Error {}
    let pool = CurlPool(clients: 1, maximumWait: .milliseconds(20))
    await #expect(throws: Failure.self) { try await pool.withClient { _ in throw Failure() } }
    try await pool.withClient { _ in }
  }
}
