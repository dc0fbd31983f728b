import Glibc

/// Why there is no result. A benchmark that met anything unexpected has none.
struct BenchError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// What the last call of the C library failed of.
func systemError() -> String { String(cString: strerror(errno)) }
