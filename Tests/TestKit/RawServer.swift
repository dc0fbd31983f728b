import Dispatch
import Glibc
import Synchronization

/// A server on 127.0.0.1 that says exactly the bytes a test wants, right or wrong. Closes when it goes out of use.
public final class RawServer: Sendable {
  public let port: Int
  private let listener: Int32
  private let accepted = Mutex<[Int32]>([])

  /// How many connections there have been.
  public var connections: Int { accepted.withLock { $0.count } }
  public var url: String { "http://127.0.0.1:\(port)" }

  /// - Parameter script: runs once for each connection, on a thread of its own; the connection closes after it.
  public init(_ script: @escaping @Sendable (RawConnection) -> Void) {
    let (listener, port) = Self.listen()
    self.listener = listener
    self.port = port
    DispatchQueue(label: "raw-server").async { [weak self] in
      while true {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0, let self else { return }
        self.accepted.withLock { $0.append(descriptor) }
        DispatchQueue(label: "raw-connection").async {
          script(RawConnection(descriptor: descriptor))
          shutdown(descriptor, Int32(SHUT_RDWR))
        }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
    accepted.withLock { for descriptor in $0 { shutdown(descriptor, Int32(SHUT_RDWR)) } }
  }

  /// A port that refuses.
  public static func refusingPort() -> Int {
    // Bound and never listening, for as long as the tests run: a port that was closed may be somebody else's by now.
    bound().port
  }

  private static func listen() -> (descriptor: Int32, port: Int) {
    let (descriptor, port) = bound()
    precondition(Glibc.listen(descriptor, 64) == 0)
    return (descriptor, port)
  }

  private static func bound() -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        precondition(bind(descriptor, $0, size) == 0)
        getsockname(descriptor, $0, &size)
      }
    }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }
}
