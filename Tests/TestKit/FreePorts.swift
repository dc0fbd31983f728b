import Glibc

/// Ports on 127.0.0.1 that nobody uses now, for programs that listen later, or again.
///
/// Below those that the kernel gives to outgoing connections (32768 and up): one of these could take a port before the
/// program listens, or between its end and its next start.
public func freePorts(_ count: Int) throws -> [Int] {
  var ports: [Int] = []
  for _ in 0..<1000 where ports.count < count {
    let port = Int.random(in: 12_000..<32_000)
    if !ports.contains(port), isFree(port) { ports.append(port) }
  }
  guard ports.count == count else { throw ChildProcess.Failure(description: "no free port") }
  return ports
}

private func isFree(_ port: Int) -> Bool {
  let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(UInt16(port)).bigEndian
  address.sin_addr.s_addr = inet_addr("127.0.0.1")
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }
}
