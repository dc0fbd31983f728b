internal import HTTP
internal import Lifecycle

/// The server, which lets those who wait for changes go before it waits for its requests.
struct DrainingServer: Service {
  let server: HTTPServer
  let changes: ChangeSignal

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await server.run()
    } onGracefulShutdown: {
      changes.end()
      // The handler must not wait; `run` returns when this is done.
      Task { await server.drain(within: .seconds(20)) }
    }
  }
}
