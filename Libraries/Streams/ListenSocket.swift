internal import Glibc

/// A listening TCP socket and the text of addresses.
struct ListenSocket {
  let descriptor: CInt
  let port: Int

  /// - Throws: `StreamError`: `invalidAddress` or `cannotListen`.
  init(_ address: String) throws(StreamError) {
    guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]) else {
      throw StreamError(
        code: .invalidAddress, detail: "cannot listen on \"\(address)\": give host:port, such as 127.0.0.1:24224",
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
      throw StreamError(
        code: .invalidAddress,
        detail: "cannot listen on \"\(address)\": \(String(cString: gai_strerror(code))); give an address of this host",
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
      let code = errno
      if descriptor >= 0 { close(descriptor) }
      throw StreamError(
        code: .cannotListen,
        detail: "cannot listen on \(address): \(String(cString: strerror(code))); \(ListenSocket.remedy(code))",
        disposition: .fatal)
    }
    self.descriptor = descriptor
    self.port = ListenSocket.boundPort(descriptor)
  }

  private static func remedy(_ code: CInt) -> String {
    switch code {
    case EADDRINUSE: "stop the program that listens there, or choose another port"
    case EADDRNOTAVAIL: "give an address of this host, or none for all of them"
    case EACCES: "ports below 1024 need the right to bind them: choose a higher one"
    default: "raise the limit of open files if it is short"
    }
  }

  private static func boundPort(_ descriptor: CInt) -> Int {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { storage in
      storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = getsockname(descriptor, address, &size)
        return parts(of: address).port
      }
    }
  }

  /// `127.0.0.1` or `::1`, and the port; an IPv4 address that came over IPv6 is told as IPv4.
  static func parts(of address: UnsafePointer<sockaddr>) -> (host: String, port: Int) {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let raw = UnsafeRawPointer(address)
    let port: UInt16
    if address.pointee.sa_family == sa_family_t(AF_INET6) {
      var socket = raw.load(as: sockaddr_in6.self)
      port = socket.sin6_port
      inet_ntop(AF_INET6, &socket.sin6_addr, &text, socklen_t(text.count))
    } else {
      var socket = raw.load(as: sockaddr_in.self)
      port = socket.sin_port
      inet_ntop(AF_INET, &socket.sin_addr, &text, socklen_t(text.count))
    }
    let host = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let isMapped = host.hasPrefix("::ffff:") && host.contains(".")
    return (isMapped ? String(host.dropFirst(7)) : host, Int(UInt16(bigEndian: port)))
  }
}
