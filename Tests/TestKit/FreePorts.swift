import Glibc

/// Ports that were free a moment ago, all different.
public func freePorts(_ count: Int) throws -> [Int] {
  var sockets: [CInt] = []
  defer { for socket in sockets { close(socket) } }
  var ports: [Int] = []
  for _ in 0..<count {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    sockets.append(descriptor)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer -> CInt in
        guard bind(descriptor, pointer, length) == 0 else { return -1 }
        return getsockname(descriptor, pointer, &length)
      }
    }
    guard result == 0 else { throw ChildProcess.Failure(description: "no free port") }
    ports.append(Int(UInt16(bigEndian: address.sin_port)))
  }
  return ports
}
