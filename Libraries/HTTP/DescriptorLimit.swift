internal import Glibc

/// How many files and sockets this process may have open.
enum DescriptorLimit {
  /// Raises it as far as this user may. The usual 1024 is there for programs that use `select`, and far fewer than the
  /// connections that a server is set up for.
  static func raise() {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(resource, &limit)
  }
}
