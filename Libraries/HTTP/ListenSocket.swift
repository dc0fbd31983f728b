internal import CMicroHTTPD
internal import Glibc

/// A listening TCP socket and the text of addresses.
struct ListenSocket {
  let descriptor: CInt
  let port: Int

  /// - Throws: `HTTPError`: `invalidAddress` or `cannotListen`.
  init(_ address: String) throws(HTTPError) {
    guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]) else {
      throw HTTPError(
        code: .invalidAddress, detail: "cannot listen on \"\(address)\": it is not host:port, such as 127.0.0.1:8080",
        disposition: .fatal)
    }
    var host = String(address[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    var hints = addrinfo()
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host.isEmpty || host == "*" ? nil : host, String(port), &hints, &list)
    guard code == 0, let info = list else {
      throw HTTPError(
        code: .invalidAddress, detail: "cannot listen on \"\(address)\": \(String(cString: gai_strerror(code)))",
        disposition: .fatal)
    }
    defer { freeaddrinfo(list) }
    let descriptor = socket(
      info.pointee.ai_family, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    var on: CInt = 1
    let size = socklen_t(MemoryLayout<CInt>.size)
    guard descriptor >= 0, setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size) == 0,
      bind(descriptor, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0, listen(descriptor, 4096) == 0
    else {
      let reason = String(cString: strerror(errno))
      if descriptor >= 0 { close(descriptor) }
      throw HTTPError(code: .cannotListen, detail: "cannot listen on \(address): \(reason)", disposition: .fatal)
    }
    self.descriptor = descriptor
    self.port = ListenSocket.boundPort(descriptor)
  }

  private static func boundPort(_ descriptor: CInt) -> Int {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { storage in
      storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = getsockname(descriptor, address, &size)
        let port =
          address.pointee.sa_family == sa_family_t(AF_INET6)
          ? UnsafeRawPointer(address).load(as: sockaddr_in6.self).sin6_port
          : UnsafeRawPointer(address).load(as: sockaddr_in.self).sin_port
        return Int(UInt16(bigEndian: port))
      }
    }
  }

  /// `127.0.0.1` or `::1`; an IPv4 address that came over IPv6 is told as IPv4.
  static func text(of address: UnsafePointer<sockaddr>?) -> String {
    guard let address else { return "" }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let raw = UnsafeRawPointer(address)
    if address.pointee.sa_family == sa_family_t(AF_INET6) {
      var ip = raw.load(as: sockaddr_in6.self).sin6_addr
      inet_ntop(AF_INET6, &ip, &text, socklen_t(text.count))
    } else {
      var ip = raw.load(as: sockaddr_in.self).sin_addr
      inet_ntop(AF_INET, &ip, &text, socklen_t(text.count))
    }
    let string = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return string.hasPrefix("::ffff:") && string.contains(".") ? String(string.dropFirst(7)) : string
  }
}
