import Glibc
public import Kafka
import TestKit

/// A Kafka to be hurt: real brokers of this test alone.
public final class RealKafka: Sendable {
  /// Where clients find it: the proxy's address where there is one.
  public let brokers: String
  private let folder: String
  /// The brokers' own, within `folder`.
  private let home: String
  private let proxy: Toxiproxy?

  /// - Parameters:
  ///   - brokers: how many.
  ///   - isProxied: clients reach the only broker through Toxiproxy.
  public init(brokers count: Int = 1, isProxied: Bool = false) async throws {
    folder = try makeTemporaryFolder()
    // A port that the broker finds free when it comes back.
    let port = try freePorts(1)[0]
    var arguments = [
      "--heap", "384m", "--brokers", "\(count)", "--port", "\(port)", "--set", "broker.session.timeout.ms=6000",
    ]
    var front: Toxiproxy?
    if isProxied {
      let proxy = try await Toxiproxy(in: folder, upstream: "127.0.0.1:\(port)")
      front = proxy
      arguments += ["--set", "advertised.listeners=PLAINTEXT://\(proxy.address)"]
    }
    let endPoint: String
    do {
      (home, endPoint) = try await Engine.start("kafka", arguments, in: folder)
    } catch {
      await front?.stop()
      throw error
    }
    proxy = front
    brokers = front?.address ?? endPoint
  }

  /// For clients that read what is there.
  public var configuration: KafkaConfiguration { KafkaConfiguration(brokers: brokers, clientID: "oracle") }

  public func stopBroker() async throws { try await Engine.run(["stop", home], in: folder) }

  public func restart() async throws { try await Engine.run(["restart", home], in: folder) }

  /// Sends a signal to the process of a broker.
  public func send(_ signal: Int32, node: Int = 0) throws {
    kill(try Engine.pid(ofNode: node, in: home), signal)
  }

  /// Lets no byte through, and says so to nobody.
  public func cutOff() async throws { try await proxy?.cutOff() }
  public func connect() async throws { try await proxy?.connect() }

  public func stop() async {
    _ = try? await Engine.run(["stop", home], in: folder)
    await proxy?.stop()
    removeFolder(folder)
  }
}
